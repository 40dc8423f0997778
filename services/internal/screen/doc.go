// Package screen finds what leads to a person in text that people and systems
// write: the identifiers of citizens that Schakel does not take in (AVG, data
// minimisation; a signal tells of a case without whoever it happened to).
//
// What counts as an identifier:
//
//   - BSN: nine digits that pass the elfproef, whole or in the groups that people
//     write it in, and whatever is labelled as one. Eight digits only when
//     labelled: the leading zero is often left out. In groups these must pass the
//     elfproef, too: "BSN 2023-2024".
//   - IBAN: any country, of its length and with its check digits (mod 97); an old
//     account number only when labelled.
//   - E-mail address, also as "naam [at] domein [punt] nl". A functional mailbox
//     cannot be told from somebody's own, so it is one too.
//   - Telephone number: Dutch with an existing area code, mobile or not bound to a
//     place (084, 085, 087), and international with a country code and a length
//     that fits. Not 0800, 0900, 0906, 0909 and 14xxx, and not 088, which
//     the numbering plan reserves for organisations; no citizen has one. Without
//     its area code only when labelled.
//   - Licence plate: the fourteen series of the RDW, with dashes; without them
//     or in small letters only after the word kenteken. Dashed codes of letters and digits that stand
//     for a law or an organisation ("12-WIA-3") are not.
//   - Postcode with house number, before it or behind it, also behind place and
//     street. A postcode alone is an area, and a post office box is an
//     organisation's. The address of an office is one like any other.
//   - V-number, A-number, number of a passport, driving licence or other document,
//     and numbers of a client, file, policy and the like: only when labelled. A
//     dossier of Parliament ("dossiernummer 36617"), one that is among the first
//     of its year ("2024-123") and the number of a case in court are public. A
//     parketnummer is not: it tells of a suspect.
//   - Date of birth, only when labelled, be it by a star. A cohort ("geboren vóór 1
//     januari 1955") is none, and what "verjaart" is most often a claim.
//
// It sees through separators, dashes and spaces of Unicode, characters without
// width, accents, digits and letters of other widths and scripts, in circles or
// raised, and the escapes of URIs and HTML ("%20", "&nbsp;"). What it holds to be
// something else: amounts, counts and measures, decimals, dates, notes (2023¹), and
// numbers labelled as an organisation's (RSIN, KvK, OIN, btw) or a thing's (of
// an order, a project), and UUIDs, of which one in eighty has an address in it by
// chance.
//
// What a system calls something is a reference, and has its own function: in a code
// of one word letters and digits between dashes are nearly always the system's own
// ("AB-12-CD", "1234-AB-12", "013-2024001"), and who pushes day and night cannot
// mend a false alarm. A plate or an address is one there only behind its word, and a
// number with an area code not when a year follows that. The rest is as in text.
//
// Where the line is thin, it stands here on purpose:
//
//   - Nine digits by themselves are a BSN when the elfproef says so, which it does
//     of one number in eleven, whatever the number is of. Only the numbers of a
//     year (202600123), round numbers and those glued to letters (UWV999990019)
//     pass: systems make references of them.
//   - Behind a prefix with a sign (UWV-111222333, 2024/111222333) nine digits are as
//     much a BSN, in a reference too: letters and forms of the agencies are made up
//     so, while a count reaches nine digits late, and with zeros in front passes
//     (UWV-000123456). What is in the ledger is there to stay; a number can be
//     glued, or filled up to ten digits.
//   - Three groups of three may be an amount. Signs of money, words for what is
//     counted and three zeros at the end tell; without any of those it is a BSN.
//   - Two groups are a BSN only when a hyphen breaks it over two lines: otherwise
//     they are most often a year or a dossier with a number.
//   - Commas group amounts and decimals, not identifiers, unless labelled.
//   - In prose three groups between dashes, of which the second is a year, are the
//     number of a thing and no telephone (010-2024-123), while a plate is a plate.
//   - Capitals alone make postcodes and the older plates: "2019 en 2020" is none.
//
// It does not know names, and it is no match for who wants to deceive it:
// homoglyphs, numbers in words and groups that nobody writes get past it. It
// keeps mistakes out.
//
// Invariants:
//   - A finding tells kind and place, never the text; nor does any error.
//   - A text is judged by itself: the same text gives the same findings.
//   - A text in which nothing is found costs one pass and no memory, up to 2 KiB.
//
// It must not know messages: which fields hold text that people write is for
// package rules, and form brings the two together.
package screen
