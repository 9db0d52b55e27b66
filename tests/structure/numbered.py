"""Texts numbered in the ways that clauses are; all of them invented."""

from __future__ import annotations

STATUTE_DE = """\
Gesetz über die Nutzung öffentlicher Lagerplätze (Lagerplatzgesetz)

Inhaltsübersicht

Abschnitt 1 Allgemeine Vorschriften
§ 1 Zweck
§ 2 Begriffsbestimmungen
§ 2a Zuständigkeit
Abschnitt 2 Nutzung
§ 3 Erlaubnis

Abschnitt 1
Allgemeine Vorschriften

§ 1
Zweck

Dieses Gesetz regelt die Nutzung von Lagerplätzen, die im Eigentum einer Gemeinde stehen.

§ 2
Begriffsbestimmungen

(1) Im Sinne dieses Gesetzes ist
1. „Lagerplatz“ jede Fläche, die dem vorübergehenden Abstellen von
Gütern dient,
2. „Nutzer“, wer
a) einen Lagerplatz auf Grund einer Erlaubnis belegt oder
b) ohne Erlaubnis
aa) Güter abstellt oder
bb) abstellen lässt,
3. „Betreiber“ die Gemeinde.
(2) Als Güter gelten nicht Fahrzeuge, die nach
§ 3 Abs. 2 der Verordnung zugelassen sind. Satz 1 gilt nicht für Anhänger.

§ 2a
Zuständigkeit

(1) Zuständig ist die Gemeinde.
(2) Sie kann die Aufgabe übertragen.

Abschnitt 2
Nutzung

§ 3
Erlaubnis

(1) Die Nutzung bedarf der Erlaubnis.
(2) Die Erlaubnis ist schriftlich zu beantragen. Dem Antrag sind beizufügen:
1. ein Lageplan,
2. der Nachweis der Haftpflichtversicherung.
(3) Über den Antrag ist binnen einer Frist von vier Wochen zu entscheiden.
"""

CONTRACT_DE = """\
KAUFVERTRAG

zwischen der Nordlicht Maschinenbau GmbH (nachfolgend „Verkäufer“) und der Weserhafen AG
(nachfolgend „Käufer“ genannt)

Präambel

(A) Der Verkäufer stellt Stapler her.
(B) Der Käufer betreibt Lager.

1. Gegenstand des Vertrages

1.1 Der Verkäufer verkauft dem Käufer die in Anlage 1 bezeichneten Geräte. „Geräte“ bezeichnet alle
dort genannten Maschinen.

1.2 Der Käufer ist verpflichtet,
a) die Geräte abzunehmen,
b) den Kaufpreis zu zahlen.

2. Kaufpreis

2.1 Der Kaufpreis beträgt 120.000 Euro.

2.2 Er ist fällig
(i) zur Hälfte bei Lieferung,
(ii) im Übrigen bei Abnahme.

Anlage 1
Geräte

1. Vier Gabelstapler, Baujahr 2021.
2. Zwei Hochregalstapler.

Anlage 2
Wartung

1. Die Wartung erfolgt halbjährlich.
2. Störungen sind unverzüglich schriftlich zu melden.
"""

BYLAWS = """\
BYLAWS OF HOLLOW CREEK ROWING ASSOCIATION

ARTICLE I
OFFICES

Section 1. Registered Office. The registered office shall be in the county of Marn.

Section 2. Other Offices. The association may have other offices as the board shall determine.

ARTICLE II
MEMBERS

Section 1. Annual Meeting. The annual meeting shall be held in May.

Section 2. Special Meetings. Special meetings may be called by:

(a) the president;

(b) the board, where

(i) a quorum is present; and

(ii) notice was given pursuant to
Section 3 of this Article.

Section 3. Notice. Notice shall be given in writing.
"""

REGULATION = """\
REGULATION (ZZ) 2031/77 on the marking of reusable crates

Whereas:

(1) Crates are reused across borders.

(2) It is therefore necessary to lay down common rules.

HAVE ADOPTED THIS REGULATION:

CHAPTER I
General provisions

Article 1
Subject matter

1. This Regulation lays down rules on the marking of crates.

2. It does not apply to crates of glass.

Article 2
Definitions

For the purposes of this Regulation:

(a) ‘crate’ means a rigid container which is reused;

(b) ‘operator’ means a person who:

(i) fills crates; or

(ii) returns them.

CHAPTER II
Obligations

Article 3
Duty to mark

1. Operators shall mark each crate.

2. The mark shall state:

(a) the owner;

(b) the year of manufacture.

ANNEX I
Form of the mark

1. The mark is round.

2. It is at least 4 cm wide.
"""

CODE = """\
§ 230. Protection of good-faith towing of barges

(a) Findings

The legislature finds the following:

(1) Barges drift.

(2) Those who tow them should be protected from liability.

(c) Protection for towing

(1) Treatment of tower

No tower shall be treated as the owner of a barge.

(2) Civil liability

No tower shall be held liable on account of:

(A) any action taken in good faith; or

(B) any action taken to enable others to tow.

§ 231. Penalty

Whoever violates section 230 shall be fined.

§ 231a. Regulations

The secretary shall adopt regulations pursuant to this chapter.
"""

FROM_PDF = """\
SERVICE AGREEMENT

CONTENTS

1
Definitions
3
2
Services
4

1.
DEFINITIONS
1.1
In this Agreement the following words shall have these meanings and the parties
agree to them as set out in
Clause 2.1 and
2.2 of this Agreement.
1.2
References to clauses are to clauses of this Agreement.
2.
SERVICES
2.1
The Supplier shall provide the Services:
(a)
with reasonable skill; and
(b)
in accordance with
(i)
the law; and
(ii)
good practice.
2.2
The Supplier shall report monthly to the party named in Schedule 1.
SCHEDULE 1
Contacts
1.
The Customer's contact is its clerk.
2.
The Supplier's contact is its foreman.
"""

RUN_ON = """\
RESELLER AGREEMENT. WHEREAS, the Maker makes kites; and WHEREAS, the Reseller sells them; the \
parties agree as follows: 1. Grant 1.1 The Maker grants the Reseller the right to sell. 1.2 The \
Reseller shall not sell elsewhere. 2. Price. 2.1 The price is set out in Section 3.2 and may \
change without notice to the party 2.2 The Reseller shall pay within 30 days. 3. Term. 3.1 This \
Agreement shall last one year. 3.2 It is renewed each year.

EXHIBIT A THE KITES Each kite is red.
"""

LETTERS = """\
LEASE

The parties agree that the tenant shall keep the premises as follows.

1. Use. The Tenant shall:
(a) first; (b) is not here because the list is in lines;
(b) second;
(c) third;
(d) fourth;
(e) fifth;
(f) sixth;
(g) seventh;
(h) eighth:
(i) nested one;
(ii) nested two; and
(i) ninth, which is a letter;
(j) tenth.
2. Rent. The Tenant shall pay the rent to the Landlord.
3. Repairs. The Landlord shall:
(a) mend the walls, that is
(i) the north wall;
(ii) the south wall;
(iii) the east wall;
(iv) the west wall;
(v) the yard wall; and
(b) mend the floor.
"""

OUTLINE = """\
ORDER OF THE HARBOUR BOARD

The parties to this agreement shall keep the rules of the regulation below.

I. BERTHS

A. Allocation

1. The harbour master shall allocate berths.
2. The owner of a vessel is liable for its moorings.

B. Fees

II. SAFETY

A. Speed
B. Lights

III. PENALTIES

Any party in breach shall pay a penalty.
"""

JUDGMENT = """\
IN THE HIGH COURT OF EASTMERE
BETWEEN Harrow (Claimant) and Tilling (Defendant)

JUDGMENT

[1] The claimant seeks damages for a flooded cellar. The defendant denies liability.

[2] The facts are not in dispute. On 4 March the river rose.

Submissions

[3] Counsel for the claimant relied on [2010] EM 44 at
[12] where the court said otherwise.

[4] The defendant's counsel submitted that the appeal in that case was decided per incuriam.

[5] The claim is dismissed.
"""

URTEIL = """\
LANDGERICHT WESTERHEIM
Urteil

In dem Rechtsstreit der Klägerin gegen den Beklagten

Tatbestand

Rn. 1
Die Klägerin verlangt Ersatz eines Schadens an ihrem Fahrzeug.

Rn. 2
Der Beklagte bestreitet den Hergang.

Entscheidungsgründe

Rn. 3
Die Klage ist zulässig und begründet.

Rn. 4
Der Anspruch folgt aus § 823 Abs. 1 BGB.
"""
