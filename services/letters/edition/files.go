package edition

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"schakel.example/services/reference"
)

// The media types of an edition's files (RFC 6838).
const (
	typeCSV  = "text/csv; charset=utf-8"
	typeJSON = "application/json"
	typeHTML = "text/html; charset=utf-8"
	typeText = "text/plain; charset=utf-8"
)

// license is that of the data.
const license = "CC0-1.0"

// files makes every file of the edition, in the order of their paths.
func (s *state) files(data *reference.Data, e *Edition) ([]File, error) {
	tables := s.tables(e.Identity.ReferenceDate)
	files := []File{{identityPath, typeText, []byte(e.Identity.Text())}}
	for _, c := range e.Identity.Checkpoints {
		files = append(files, File{checkpointPath(c.Origin), typeText, c.Note})
	}
	for _, t := range tables {
		text, err := t.csv()
		if err != nil {
			return nil, err
		}
		files = append(files, File{t.Name + ".csv", typeCSV, text})
	}
	pack, err := dataPackage(e.Identity, tables, files)
	if err != nil {
		return nil, err
	}
	report, err := s.report(data, e)
	if err != nil {
		return nil, err
	}
	files = append(files, File{"datapackage.json", typeJSON, pack}, File{"index.html", typeHTML, report})
	files = append(files, File{sumsPath, typeText, sums(files)})
	slices.SortFunc(files, func(a, b File) int { return cmp.Compare(a.Path, b.Path) })
	return files, nil
}

const (
	// identityPath is the file that holds the text of the identity.
	identityPath = "identiteit.txt"
	// sumsPath is the file that holds the sum of every other file, but that of
	// the signature.
	sumsPath = "SHA256SUMS"
	// checkpointDir is the folder of the signed checkpoints.
	checkpointDir = "controlepunten"
)

// checkpointPath is where the signed checkpoint of a ledger stands.
func checkpointPath(origin string) string {
	return checkpointDir + "/" + strings.NewReplacer("/", "-", ":", "-").Replace(origin) + ".txt"
}

// csv is the table as RFC 4180 has it: a header, and lines that end in CRLF.
func (t table) csv() ([]byte, error) {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	w.UseCRLF = true
	header := make([]string, len(t.columns))
	for i, c := range t.columns {
		header[i] = c.Name
	}
	if err := w.Write(header); err != nil {
		return nil, err
	}
	if err := w.WriteAll(t.rows); err != nil {
		return nil, fmt.Errorf("table %s: %w", t.Name, err)
	}
	return b.Bytes(), nil
}

// sums is what sha256sum prints of the files, and reads with -c.
func sums(files []File) []byte {
	lines := make([]string, len(files))
	for i, f := range files {
		sum := sha256.Sum256(f.Data)
		lines[i] = hex.EncodeToString(sum[:]) + "  " + f.Path + "\n"
	}
	slices.SortFunc(lines, func(a, b string) int { return cmp.Compare(a[64:], b[64:]) })
	return []byte(strings.Join(lines, ""))
}

// The data package (Frictionless Data Package 1.0).
type (
	pack struct {
		Name      string     `json:"name"`
		ID        string     `json:"id"`
		Title     string     `json:"title"`
		Version   string     `json:"version"`
		Created   string     `json:"created"`
		Licenses  []licence  `json:"licenses"`
		Resources []resource `json:"resources"`
	}
	licence struct {
		Name string `json:"name"`
		Path string `json:"path"`
	}
	resource struct {
		Name      string `json:"name"`
		Title     string `json:"title"`
		Path      string `json:"path"`
		Profile   string `json:"profile"`
		Format    string `json:"format"`
		MediaType string `json:"mediatype"`
		Encoding  string `json:"encoding"`
		Bytes     int    `json:"bytes"`
		Hash      string `json:"hash"`
		Schema    schema `json:"schema"`
	}
	schema struct {
		Fields []column `json:"fields"`
	}
)

// dataPackage describes the tables. Created is the reference date: an edition
// knows no clock.
func dataPackage(id Identity, tables []table, files []File) ([]byte, error) {
	p := pack{
		Name: "staat-van-de-uitvoering-" + id.Name, ID: id.ID(), Title: title(id), Version: id.Name,
		Created:  id.ReferenceDate.String() + "T00:00:00Z",
		Licenses: []licence{{license, "https://creativecommons.org/publicdomain/zero/1.0/deed.nl"}},
	}
	for _, t := range tables {
		i := slices.IndexFunc(files, func(f File) bool { return f.Path == t.Name+".csv" })
		sum := sha256.Sum256(files[i].Data)
		p.Resources = append(p.Resources, resource{
			Name: t.Name, Title: t.Title, Path: files[i].Path, Profile: "tabular-data-resource", Format: "csv",
			MediaType: "text/csv", Encoding: "utf-8", Bytes: len(files[i].Data), Hash: "sha256:" + hex.EncodeToString(sum[:]),
			Schema: schema{t.columns},
		})
	}
	text, err := json.MarshalIndent(p, "", "  ")
	return append(text, '\n'), err
}

// title is the edition's name in full. An example says so.
func title(id Identity) string {
	if id.Example {
		return "VOORBEELD Staat van de Uitvoering " + id.Name
	}
	return "Staat van de Uitvoering " + id.Name
}
