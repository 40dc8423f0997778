// Package screen finds what leads to a person in text that people and systems
// write: the identifiers of citizens that Schakel does not take in (AVG, data
// minimisation; a signal tells of a case without whoever it happened to).
//
// What counts as an identifier:
//
//   - BSN: nine digits that pass the elfproef, whole or in the groups that people
//     write it in, and whatever is labelled as one. Eight digits only when
//     labelled: the leading zero is often left out.
//   - IBAN: any country, of its length and with its check digits (mod 97); an old
//     account number only when labelled.
//   - E-mail address, also as "naam [at] domein [punt] nl". A functional mailbox
//     cannot be told from somebody's own, so it is one too.
//   - Telephone number: Dutch with an existing area code, mobile or not bound to a
//     place (084, 085, 087), and international with a country code and a length
//     that fits. Not 0800, 0900, 0906, 0909 and 14xxx, and not 088, which
//     the numbering plan reserves for organisations; no citizen has one.
//   - Licence plate: the fourteen series of the RDW, with dashes; without them
//     only after the word kenteken. Dashed codes of letters and digits that stand
//     for a law or an organisation ("12-WIA-3") are not.
//   - Postcode with house number, before it or behind it. A postcode alone is an
//     area, and a post office box is an organisation's.
//   - V-number, A-number, number of a passport, driving licence or other document,
//     and numbers of a client, file, policy and the like: only when labelled. A
//     dossier of Parliament ("dossiernummer 36617") and the number of a case in
//     court are public.
//   - Date of birth, only when labelled. A cohort ("geboren vóór 1 januari
//     1955") is none.
//
// It sees through separators, dashes and spaces of Unicode, characters without
// width, accents, and digits and letters of other widths and scripts. What it
// holds to be something else: amounts, counts and measures, decimals, dates, and
// numbers labelled as an organisation's (RSIN, KvK, OIN, btw),
// and UUIDs, of which one in eighty has an address in it by chance.
//
// Where the line is thin, it stands here on purpose:
//
//   - Nine digits by themselves are a BSN when the elfproef says so, which it does
//     of one number in eleven, whatever the number is of. Only the numbers of a
//     year (202600123), round numbers and those glued to letters (UWV999990019)
//     pass: systems make references of them.
//   - Three groups of three may be an amount. Signs of money, words for what is
//     counted and three zeros at the end tell; without any of those it is a BSN.
//   - Two groups are a BSN only when a hyphen breaks it over two lines: otherwise
//     they are most often a year or a dossier with a number.
//   - Commas group amounts and decimals, not identifiers, unless labelled.
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
