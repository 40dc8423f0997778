package refserver

import (
	referencev1 "schakel.example/proto/gen/go/schakel/reference/v1"
	"schakel.example/services/reference"
)

func organisations(data *reference.Data) list[*referencev1.Organisation] {
	var items []item[*referencev1.Organisation]
	for _, o := range data.Organisations() {
		items = append(items, item[*referencev1.Organisation]{
			message: &referencev1.Organisation{
				Tooi: o.TOOI, Code: o.Code(), Kind: string(o.Kind), Name: label(o.Title(), o.NameEN),
				Abbreviation: o.Abbreviation, Oin: o.OIN, Ministry: o.Ministry, Successor: o.Successor,
				Sandbox: o.Sandbox(), ValidFrom: o.ValidFrom.String(), ValidUntil: o.ValidUntil.String(), Source: o.Source,
			},
			id: o.TOOI, group: string(o.Kind), names: o.Names(), from: o.ValidFrom, until: o.ValidUntil,
			successor: o.Successor,
		})
	}
	return sortedList(items, func(m *referencev1.Organisation) string { return m.GetName().GetNl() })
}

// dossierID is the id of a dossier among regulations.
func dossierID(d reference.Dossier) string { return "kst-" + d.Number }

// regulations are those and the dossiers in which they are made.
func regulations(data *reference.Data) list[*referencev1.Regulation] {
	var items []item[*referencev1.Regulation]
	for _, r := range data.Regulations() {
		abbreviation := r.Short
		if abbreviation == r.Title {
			abbreviation = ""
		}
		items = append(items, item[*referencev1.Regulation]{
			message: &referencev1.Regulation{
				Id: r.BWB, Kind: r.Kind, Title: label(r.Title, r.TitleEN), Abbreviation: abbreviation, Jci: r.JCI(), Became: r.Became,
				ValidFrom: r.ValidFrom.String(), ValidUntil: r.ValidUntil.String(), Source: r.Source,
			},
			id: r.BWB, names: []string{r.BWB, r.Title, r.Short, r.TitleEN}, from: r.ValidFrom, until: r.ValidUntil,
			successor: r.Became,
		})
	}
	for _, d := range data.Dossiers() {
		items = append(items, item[*referencev1.Regulation]{
			message: &referencev1.Regulation{
				Id: dossierID(d), Kind: reference.KindDossier, Title: label(d.Title, ""), Kamerstuk: d.Number,
				Closed: d.Closed, Became: d.Became, Source: d.Source,
			},
			id: dossierID(d), names: []string{d.Number, dossierID(d), d.Title},
		})
	}
	return sortedList(items, func(m *referencev1.Regulation) string { return m.GetTitle().GetNl() })
}

// terms are those of all vocabularies, each in its own order.
func terms(data *reference.Data) list[*referencev1.Term] {
	var items []item[*referencev1.Term]
	for _, v := range data.Vocabularies() {
		for _, t := range data.Terms(v) {
			items = append(items, item[*referencev1.Term]{
				message: &referencev1.Term{
					Vocabulary: t.Vocabulary, Code: t.Slug, Label: label(t.Label.NL, t.Label.EN),
					Definition: label(t.Definition.NL, t.Definition.EN), Broader: t.Broader,
					ValidFrom: t.ValidFrom.String(), ValidUntil: t.ValidUntil.String(), Source: t.Source,
				},
				id: t.Vocabulary + "/" + t.Slug, group: t.Vocabulary, names: []string{t.Slug, t.Label.NL, t.Label.EN},
				from: t.ValidFrom, until: t.ValidUntil,
			})
		}
	}
	return newList(items)
}

func label(nl, en string) *referencev1.Label { return &referencev1.Label{Nl: nl, En: en} }
