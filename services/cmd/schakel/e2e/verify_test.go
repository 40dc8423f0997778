package e2e

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"schakel.example/proto/wire"
	"schakel.example/services/internal/access"
	"schakel.example/services/internal/ledger"

	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
)

// TestVerifyFindsWhatWasTamperedWith changes an edition, its receipts and the
// keys, as a forger would, and has them verified.
func TestVerifyFindsWhatWasTamperedWith(t *testing.T) {
	t.Parallel()
	h := allInOne(t)
	s := &story{h, newClients(h.ways()["REST"])}
	ids := s.submit(t, uwv, 1)
	s.contact(t)
	s.bundle(t, uwv, ids)
	s.settled(t, map[string]int32{"signals": 1, "contacts": 2})
	e := s.compile(t, today(), false)
	files := s.download(t, e)
	receipt := must(wire.Marshal(must(s.signals.GetReceipt(s.as(access.Aanleveraar, uwv), &signalsv1.GetReceiptRequest{Id: ids[0]}))(t)))(t)
	other := otherKeys(t)
	t.Run("edition", func(t *testing.T) { tamperedEditions(t, e.GetId(), h.keys(), other, files) })
	t.Run("receipt", func(t *testing.T) { tamperedReceipts(t, h.keys(), other, receipt) })
}

// otherKeys makes public keys of the same names, which others hold.
func otherKeys(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range services {
		_, public, err := ledger.GenerateKey("schakel.example/" + name)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name+".pub"), []byte(public+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func tamperedEditions(t *testing.T, id, keys, other string, files map[string]string) {
	const checkpoint = "controlepunten/schakel.example-signalen.txt"
	changed := func(path, old, new string) map[string]string {
		files := maps.Clone(files)
		if !strings.Contains(files[path], old) {
			t.Fatalf("%s has no %q", path, old)
		}
		files[path] = strings.Replace(files[path], old, new, 1)
		return files
	}
	with := func(path, data string) map[string]string {
		files := maps.Clone(files)
		if files[path] = data; data == "" {
			delete(files, path)
		}
		return files
	}
	// cunning changes a table as a forger would who knows of the sums.
	cunning := changed("signalen.csv", "hoog", "laag")
	sum := func(files map[string]string) string {
		return fmt.Sprintf("%x", sha256.Sum256([]byte(files["signalen.csv"])))
	}
	cunning["SHA256SUMS"] = strings.Replace(files["SHA256SUMS"], sum(files), sum(cunning), 1)
	for _, tt := range []struct {
		name  string
		files map[string]string
		keys  string
		want  string // empty is right
	}{
		{"nothing", files, keys, ""},
		{"a byte of a table", changed("signalen.csv", "hoog", "laag"), keys, "FOUT   bestand signalen.csv: controlesom is"},
		{"a byte of a table, and its sum", cunning, keys, "FOUT   ondertekening van de editie"},
		{"the signature is missing", with("ondertekening.txt", ""), keys, "FOUT   ondertekening van de editie: ondertekening.txt ontbreekt"},
		{"the signature is another's", files, other, "FOUT   ondertekening van de editie"},
		{"a table is missing", with("aantallen.csv", ""), keys, "FOUT   bestand aantallen.csv"},
		{"a file is added", with("extra.csv", "a,b\n"), keys, "FOUT   bestand extra.csv: staat niet in SHA256SUMS"},
		{"the identity", changed("identiteit.txt", "naam 2026", "naam 2027"), keys, "FOUT   identiteit van de editie: identiteit.txt hoort bij editie"},
		{"a ledger is left out of the identity", with("identiteit.txt", strings.Split(files["identiteit.txt"], "logboek")[0]), keys, "FOUT   identiteit van de editie"},
		{"a checkpoint", changed(checkpoint, "\n1\n", "\n2\n"), keys, "FOUT   controlepunt van schakel.example/signalen: de ondertekening klopt niet"},
		{"the keys", files, other, "FOUT   controlepunt van schakel.example/signalen: de ondertekening klopt niet, of de sleutel is niet bekend"},
		{"there are no sums", with("SHA256SUMS", ""), keys, "FOUT   lijst van controlesommen"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), id)
			save(t, dir, tt.files)
			c := schakel(t, "verify", "edition", dir, "--key="+tt.keys)
			if tt.want == "" {
				c.ends(t, 0, "klopt  identiteit van de editie")
				schakel(t, "verify", "edition", dir, "--id="+nowhere, "--key="+tt.keys).ends(t, 1, "FOUT")
				if err := os.Remove(filepath.Join(dir, "ondertekening.txt")); err != nil {
					t.Fatal(err)
				}
				schakel(t, "verify", "edition", dir, "--unsigned", "--key="+tt.keys).ends(t, 0, "geen ondertekening, zoals gevraagd")
				return
			}
			c.ends(t, 1, tt.want, "er klopt iets niet: ")
			var findings []struct {
				OK  bool   `json:"klopt"`
				Why string `json:"waarom"`
			}
			schakel(t, "verify", "edition", dir, "--key="+tt.keys, "--output=json").ends(t, 1).json(t, &findings)
			wrong := 0
			for _, f := range findings {
				if !f.OK && f.Why != "" {
					wrong++
				}
			}
			if wrong == 0 {
				t.Errorf("in JSON nothing is wrong: %v", findings)
			}
		})
	}
}

func tamperedReceipts(t *testing.T, keys, other string, receipt []byte) {
	// changed changes one member of the receipt, or of what it is about.
	changed := func(change func(whole, receipt map[string]any)) []byte {
		var m map[string]any
		if err := json.Unmarshal(receipt, &m); err != nil {
			t.Fatal(err)
		}
		change(m, m["ontvangstbewijs"].(map[string]any))
		return must(json.Marshal(m))(t)
	}
	swap := func(s any) string { // two characters of base64
		b := []byte(s.(string))
		if b[0] == b[1] {
			b[0] = 'A' + (b[0]-'A'+1)%26
		}
		b[0], b[1] = b[1], b[0]
		return string(b)
	}
	const invalid = "Dit is geen geldig ontvangstbewijs van deze inhoud."
	for _, tt := range []struct {
		name string
		text []byte
		keys string
		want string // empty is right
	}{
		{"nothing", receipt, keys, ""},
		{"the payload", changed(func(m, _ map[string]any) { m["inhoud"] = swap(m["inhoud"]) }), keys, invalid},
		{"the salt", changed(func(_, r map[string]any) { r["zout"] = swap(r["zout"]) }), keys, invalid},
		{"the hash", changed(func(_, r map[string]any) { r["bladhash"] = swap(r["bladhash"]) }), keys, invalid},
		{"the time", changed(func(_, r map[string]any) { r["ontvangenOp"] = "2020-01-01T00:00:00.000Z" }), keys, invalid},
		{"the log", changed(func(_, r map[string]any) { r["logboek"] = "schakel.example/brieven" }), keys, invalid},
		{"the promise", changed(func(_, r map[string]any) { r["uiterlijkInLogboekSeconden"] = 1 }), keys, invalid},
		{"the place", changed(func(_, r map[string]any) { r["plaatsInPartij"] = 3 }), keys, invalid},
		{"the signature", changed(func(_, r map[string]any) {
			r["ondertekening"] = strings.Replace(r["ondertekening"].(string), "—", "–", 1)
		}), keys, invalid},
		{"the keys", receipt, other, invalid},
		{"all of it", []byte("geen JSON"), keys, "bevat geen ontvangstbewijs"},
		{"nothing left", []byte("{}"), keys, "haal beide samen op"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			file := write(t, "ontvangstbewijs.json", tt.text)
			c := schakel(t, "verify", "receipt", file, "--key="+tt.keys)
			if tt.want == "" {
				c.ends(t, 0, "dit ontvangstbewijs is echt")
				var told map[string]string
				schakel(t, "verify", "receipt", file, "--key="+tt.keys, "--output=json").ends(t, 0).json(t, &told)
				if told["logboek"] != "schakel.example/signalen" || !bytes.Contains(receipt, []byte(told["ontvangenOp"])) {
					t.Errorf("told: %v", told)
				}
				return
			}
			if c.ends(t, 1, tt.want); c.out != "" {
				t.Errorf("it tells of what is not right: %s", c.out)
			}
		})
	}
	schakel(t, "verify", "receipt", write(t, "r.json", receipt), "--key=onzin").ends(t, 1, "een publieke sleutel")
}
