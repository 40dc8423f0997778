package problem

import "net/http"

// Reasons that the gateway itself gives, for what no service sees.
const (
	ReasonInput       = "ongeldige-invoer"
	ReasonNotFound    = "niet-gevonden"
	ReasonMethod      = "methode-niet-toegestaan"
	ReasonAccept      = "vorm-niet-leverbaar"
	ReasonContentType = "vorm-niet-leesbaar"
	ReasonTooLarge    = "te-groot"
	ReasonCondition   = "voorwaarde-niet-vervuld"
	ReasonInternal    = "interne-fout"
	ReasonUnavailable = "niet-bereikbaar"
)

// general is what holds for every problem with one status.
type general struct {
	reason      string
	title, text Text
}

// New makes the general problem of a status: 400, 401, 403, 404, 405, 406, 409,
// 412, 413, 415, 429, 500 or 503. Any other counts as 500.
func New(status int) *Problem {
	g, known := generally(status)
	if !known {
		status = http.StatusInternalServerError
	}
	return &Problem{Status: status, Reason: g.reason, Text: g.text}
}

func reason(status int) string { g, _ := generally(status); return g.reason }
func title(status int) Text    { g, _ := generally(status); return g.title }
func text(status int) Text     { g, _ := generally(status); return g.text }

func generally(status int) (g general, known bool) {
	switch status {
	case http.StatusBadRequest:
		return general{ReasonInput, Text{"Ongeldige invoer", "Invalid input"},
			Text{"De invoer klopt niet.", "the input is not right"}}, true
	case http.StatusUnauthorized:
		return general{"niet-aangemeld", Text{"Niet aangemeld", "Not authenticated"},
			Text{"Stuur een geldig toegangstoken mee in de header Authorization.", "send a valid access token in the header Authorization"}}, true
	case http.StatusForbidden:
		return general{"niet-toegestaan", Text{"Niet toegestaan", "Not allowed"},
			Text{"Dit mag u niet doen.", "you may not do this"}}, true
	case http.StatusNotFound:
		return general{ReasonNotFound, Text{"Niet gevonden", "Not found"},
			Text{"Dit bestaat niet, of u mag het niet zien.", "this does not exist, or you may not see it"}}, true
	case http.StatusMethodNotAllowed:
		return general{ReasonMethod, Text{"Methode niet toegestaan", "Method not allowed"},
			Text{"Deze methode kan hier niet; de header Allow noemt de methoden die wel kunnen.", "this method is not possible here; the header Allow lists those that are"}}, true
	case http.StatusNotAcceptable:
		return general{ReasonAccept, Text{"Vorm niet leverbaar", "Not acceptable"},
			Text{"De antwoorden zijn hier application/json, en de header Accept laat dat niet toe.", "answers are application/json here, and the header Accept does not allow it"}}, true
	case http.StatusConflict:
		return general{"botsing", Text{"Botsing", "Conflict"},
			Text{"Dit botst met wat er al is.", "this clashes with what is there"}}, true
	case http.StatusPreconditionFailed:
		return general{ReasonCondition, Text{"Voorwaarde niet vervuld", "Precondition failed"},
			Text{"Het is intussen gewijzigd: de entiteitstag in de header If-Match is niet de huidige.", "it was changed meanwhile: the entity tag in the header If-Match is not the current one"}}, true
	case http.StatusRequestEntityTooLarge:
		return general{ReasonTooLarge, Text{"Invoer te groot", "Content too large"},
			Text{"De inhoud is te groot.", "the content is too large"}}, true
	case http.StatusUnsupportedMediaType:
		return general{ReasonContentType, Text{"Vorm niet leesbaar", "Unsupported media type"},
			Text{"Stuur de inhoud als application/json in UTF-8, ongecomprimeerd, met de header Content-Type.", "send the content as application/json in UTF-8, not compressed, with the header Content-Type"}}, true
	case http.StatusTooManyRequests:
		return general{"te-veel-aanvragen", Text{"Te veel aanvragen", "Too many requests"},
			Text{"Er komen te veel aanvragen. Probeer het later opnieuw.", "there are too many requests; try again later"}}, true
	case http.StatusServiceUnavailable:
		return general{ReasonUnavailable, Text{"Niet bereikbaar", "Unavailable"},
			Text{"Een deel van Schakel is nu niet bereikbaar. Probeer het later opnieuw.", "a part of Schakel cannot be reached now; try again later"}}, true
	default:
		return general{ReasonInternal, Text{"Interne fout", "Internal error"},
			Text{"Er is een fout opgetreden in Schakel. Meld het nummer onder instance aan de beheerder.", "an internal error occurred; tell the administrator the number at instance"}}, status == http.StatusInternalServerError
	}
}
