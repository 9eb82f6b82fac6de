//! Customers of the sample vendor: invented companies and people, with addresses that cannot exist.

use crate::sample::json::Object;
use crate::sample::random::Random;

/// A customer, created only when a row is written.
pub(crate) struct Customer {
    /// The company's name.
    pub(crate) company: String,
    /// The host of its cloud site, without `.atlassian.net`.
    pub(crate) site: String,
    /// The ISO code.
    pub(crate) country: &'static str,
    /// Americas, APAC or EMEA.
    pub(crate) region: &'static str,
    city: &'static str,
    phone: &'static str,
    domain: String,
    person: String,
    mailbox: String,
    street: String,
    postcode: u32,
    phone_number: u32,
    /// Whether the personal data was erased on request.
    erased: bool,
    partner: Option<&'static str>,
}

struct Country {
    code: &'static str,
    region: &'static str,
    city: &'static str,
    phone: &'static str,
    forms: &'static [&'static str],
}

const fn country(
    code: &'static str,
    region: &'static str,
    city: &'static str,
    phone: &'static str,
    forms: &'static [&'static str],
) -> Country {
    Country {
        code,
        region,
        city,
        phone,
        forms,
    }
}

/// The countries, with their weights.
const COUNTRIES: [(u64, Country); 20] = [
    (
        300,
        country(
            "US",
            "Americas",
            "Springfield",
            "+1 555 01",
            &["Inc.", "LLC", "Corp."],
        ),
    ),
    (
        150,
        country(
            "DE",
            "EMEA",
            "Neustadt",
            "+49 30 5550",
            &["GmbH", "AG", "KG"],
        ),
    ),
    (
        90,
        country(
            "GB",
            "EMEA",
            "Ashford",
            "+44 20 7946",
            &["Ltd", "plc", "Group"],
        ),
    ),
    (
        60,
        country("FR", "EMEA", "Villeneuve", "+33 1 5550", &["SAS", "SA"]),
    ),
    (
        50,
        country("CA", "Americas", "Kingston", "+1 555 02", &["Inc.", "Ltd."]),
    ),
    (
        50,
        country("AU", "APAC", "Richmond", "+61 2 5550", &["Pty Ltd"]),
    ),
    (
        45,
        country("NL", "EMEA", "Nieuwegein", "+31 20 555", &["B.V.", "N.V."]),
    ),
    (
        40,
        country("JP", "APAC", "Minato", "+81 3 5550", &["K.K.", "G.K."]),
    ),
    (
        40,
        country(
            "IN",
            "APAC",
            "Whitefield",
            "+91 80 5550",
            &["Pvt Ltd", "Ltd"],
        ),
    ),
    (
        30,
        country("CH", "EMEA", "Altdorf", "+41 44 555", &["AG", "GmbH"]),
    ),
    (30, country("SE", "EMEA", "Solna", "+46 8 555", &["AB"])),
    (
        30,
        country(
            "PL",
            "EMEA",
            "Nowa Wola",
            "+48 22 555",
            &["Sp. z o.o.", "S.A."],
        ),
    ),
    (
        30,
        country("ES", "EMEA", "Vilanova", "+34 91 555", &["S.L.", "S.A."]),
    ),
    (
        30,
        country("IT", "EMEA", "Borgo", "+39 02 5550", &["S.r.l.", "S.p.A."]),
    ),
    (
        25,
        country(
            "BR",
            "Americas",
            "Campo Novo",
            "+55 11 5550",
            &["Ltda.", "S.A."],
        ),
    ),
    (
        20,
        country("AT", "EMEA", "Neusiedl", "+43 1 5550", &["GmbH"]),
    ),
    (
        20,
        country("DK", "EMEA", "Lyngby", "+45 5550", &["A/S", "ApS"]),
    ),
    (
        15,
        country("SG", "APAC", "Jurong", "+65 5550", &["Pte. Ltd."]),
    ),
    (15, country("NO", "EMEA", "Skien", "+47 555", &["AS"])),
    (
        10,
        country(
            "MX",
            "Americas",
            "San Lucas",
            "+52 55 5550",
            &["S.A. de C.V."],
        ),
    ),
];

const HEADS: [&str; 36] = [
    "Bren", "Velm", "Tarn", "Ost", "Kelm", "Mar", "Hol", "Wint", "Sond", "Quill", "Ard", "Fen",
    "Grim", "Lund", "Nor", "Palm", "Rav", "Stell", "Thorn", "Umb", "Vint", "Wex", "Yarr", "Zell",
    "Alder", "Birk", "Cald", "Dun", "Elm", "Falk", "Gann", "Harr", "Ilm", "Jarr", "Kest", "Lark",
];
const TAILS: [&str; 28] = [
    "wick", "ora", "feld", "aven", "stad", "ridge", "ia", "holm", "mark", "ley", "gate", "mere",
    "ton", "haus", "well", "ford", "ane", "is", "ex", "beck", "dale", "stone", "brook", "field",
    "bury", "ano", "ura", "en",
];
const SECTORS: [&str; 26] = [
    "Logistics",
    "Foods",
    "Insurance",
    "Robotics",
    "Software",
    "Energy",
    "Media",
    "Health",
    "Systems",
    "Analytics",
    "Motors",
    "Labs",
    "Bank",
    "Textiles",
    "Optics",
    "Networks",
    "Games",
    "Consulting",
    "Pharma",
    "Chemicals",
    "Airways",
    "Retail",
    "Studios",
    "Metals",
    "Devices",
    "Telecom",
];
const GIVEN: [&str; 24] = [
    "Anna", "Ben", "Chiara", "David", "Elif", "Farid", "Greta", "Hugo", "Ines", "Jonas", "Kaito",
    "Lena", "Maya", "Nils", "Olga", "Pavel", "Quinn", "Rosa", "Sven", "Tara", "Uma", "Viktor",
    "Wanda", "Yusuf",
];
const FAMILY: [&str; 24] = [
    "Abel", "Brandt", "Castro", "Dahl", "Egger", "Fischer", "Grant", "Haas", "Ito", "Jansen",
    "Keller", "Lopez", "Meyer", "Novak", "Okafor", "Peters", "Quist", "Rao", "Silva", "Tanaka",
    "Ulrich", "Vance", "Weber", "Zimmer",
];
const STREETS: [&str; 8] = [
    "Harbour Street",
    "Mill Lane",
    "Station Road",
    "Garden Square",
    "Bridge Street",
    "Hill Road",
    "Market Place",
    "Orchard Way",
];
/// The number of the customer whose name has characters that need escaping.
pub(crate) const SPECIAL: u64 = u64::MAX;
const SPECIAL_NAME: &str = "\"O'Neill\" & <Söhne>, Inc.";
/// The `partnerType` of all partners.
const PARTNER_TYPE: &str = "Expert";
const PARTNERS: [&str; 5] = [
    "Blue Lantern Consulting",
    "Ridgeway Partners",
    "Kestrel Solutions",
    "Tidewater Digital",
    "Oakline Experts",
];

impl Customer {
    /// Creates the customer with this number.
    pub(crate) fn new(seed: u64, number: u64) -> Self {
        let random = &mut Random::new(seed, 7, number);
        let weights: u64 = COUNTRIES.iter().map(|(weight, _)| weight).sum();
        let mut at = random.below(weights);
        let mut country = &COUNTRIES[0].1;
        for (weight, candidate) in &COUNTRIES {
            if at < *weight {
                country = candidate;
                break;
            }
            at -= weight;
        }
        let stem = [random.pick(&HEADS), random.pick(&TAILS)].concat();
        let sector = random.pick(&SECTORS);
        let form = random.pick(country.forms);
        let site = [&stem.to_lowercase(), "-", &sector.to_lowercase()].concat();
        let company = if number == SPECIAL {
            SPECIAL_NAME.to_owned()
        } else {
            [&stem, " ", sector, " ", form].concat()
        };
        let (given, family) = (random.pick(&GIVEN), random.pick(&FAMILY));
        Self {
            company,
            country: country.code,
            region: country.region,
            city: country.city,
            phone: country.phone,
            domain: [&site, ".example"].concat(),
            site,
            person: [given, " ", family].concat(),
            mailbox: [&given.to_lowercase(), ".", &family.to_lowercase()].concat(),
            street: format!("{} {}", random.between(1, 180), random.pick(&STREETS)),
            postcode: random.between(10_000, 99_999),
            phone_number: random.between(1_000, 9_999),
            erased: random.chance(8),
            partner: partner(seed, number),
        }
    }

    /// Writes the members of a sale's `customerDetails`.
    pub(crate) fn write_buyer(&self, details: &mut Object<'_>) {
        self.write_company(details);
        details.object("technicalContact", |contact| {
            if self.erased {
                contact.text("name", "RTBF");
                return;
            }
            contact.text("email", &[&self.mailbox, "@", &self.domain].concat());
            contact.text("name", &self.person);
        });
    }

    fn write_company(&self, details: &mut Object<'_>) {
        details.text("company", &self.company);
        details.text("country", self.country);
        details.text("region", self.region);
    }

    /// Writes the members of a license's `contactDetails`.
    pub(crate) fn write_details(&self, details: &mut Object<'_>) {
        self.write_company(details);
        details.object("technicalContact", |contact| self.write_contact(contact));
        details.object("billingContact", |contact| {
            if self.erased {
                contact.text("name", "RTBF");
                return;
            }
            contact.text("email", &["billing@", &self.domain].concat());
            contact.text("name", "Accounts Payable");
        });
    }

    fn write_contact(&self, contact: &mut Object<'_>) {
        if self.erased {
            contact.text("email", "null");
            contact.text("name", "RTBF");
            return;
        }
        contact.text("email", &[&self.mailbox, "@", &self.domain].concat());
        contact.text("name", &self.person);
        contact.text("phone", &format!("{} {}", self.phone, self.phone_number));
        contact.text("address1", &self.street);
        contact.text("city", self.city);
        contact.text("state", "null");
        contact.text("postcode", &self.postcode.to_string());
    }

    /// Writes `partnerDetails`, if the customer buys through a partner.
    pub(crate) fn write_partner(&self, row: &mut Object<'_>) {
        let Some(partner) = self.partner else { return };
        row.object("partnerDetails", |details| {
            details.text("partnerName", partner);
            details.text("partnerType", PARTNER_TYPE);
            details.object("billingContact", |contact| {
                contact.text("email", "orders@partner.example");
                contact.text("name", "Order Desk");
            });
        });
    }
}

/// Returns the partner of a customer; most have none.
fn partner(seed: u64, number: u64) -> Option<&'static str> {
    let random = &mut Random::new(seed, 11, number);
    random.chance(160).then(|| random.pick(&PARTNERS))
}
