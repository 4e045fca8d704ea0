//! Which records somebody else asks for, in the CRM's own words: the items of a `where`.
//!
//! It comes from outside, so every item is read strictly and written anew; nothing is handed on as
//! it came. What is not understood is refused whole: a condition that was left out would choose
//! more than was meant. Items that the CRM calls sub-queries are not taken, `not` among them: the
//! CRM refuses them too.

use serde_json::{Map, Value};

/// How deep items may stand in one another.
const DEEPEST: usize = 4;
/// Most items, of all depths.
const MOST_ITEMS: usize = 50;
/// Most values of one item.
const MOST_VALUES: usize = 100;
/// Longest name of an attribute, of a zone or a filter, in octets.
const LONGEST_NAME: usize = 100;
/// Longest text to be found, in characters.
const LONGEST_SEARCH: usize = 255;
/// Octets of a web address that all items may fill, so that a limit fits beside them.
const FILLS: usize = 4_000;

/// Items of other items.
const JOINED: &str = "and or";
/// Items without a value.
const BARE: &str = "isNull isNotNull isTrue isFalse today past future lastSevenDays currentMonth lastMonth \
    nextMonth currentQuarter lastQuarter currentYear lastYear currentFiscalYear lastFiscalYear \
    currentFiscalQuarter lastFiscalQuarter isLinked isNotLinked arrayIsEmpty arrayIsNotEmpty";
/// Items with one value.
const SINGLE: &str = "greaterThan lessThan greaterThanOrEquals lessThanOrEquals after before on notOn \
    lastXDays nextXDays olderThanXDays afterXDays contains notContains startsWith endsWith like notLike";
/// Items with one value, or several.
const ANY: &str = "equals notEquals";
/// Items with several values, also where only one is given.
const LISTED: &str = "in notIn linkedWith notLinkedWith linkedWithAll arrayAnyOf arrayNoneOf arrayAllOf";
/// Items with two values.
const PAIRED: &str = "between";

/// Why a condition is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoCondition {
    /// It is no list of items, or an item is none.
    #[error("a condition is a list of items, each with a type")]
    Form,
    /// An item has a type, or a part, that is not taken.
    #[error("a condition has an item that is not taken")]
    Kind,
    /// An item stands too deep, or they are too many or too long.
    #[error("a condition is larger than one may be")]
    Large,
    /// An item has no attribute, or what cannot be the name of one.
    #[error("a condition names what is no attribute")]
    Attribute,
    /// The value does not fit the type.
    #[error("a condition has a value that does not fit its type")]
    Value,
}

impl NoCondition {
    /// Stable name for answers and logs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Form => "form",
            Self::Kind => "kind",
            Self::Large => "large",
            Self::Attribute => "attribute",
            Self::Value => "value",
        }
    }
}

/// The word of a filter that the CRM keeps, its `primaryFilter`: letters, digits, `-` and `_`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedFilter(String);

impl SavedFilter {
    /// Reads the word; none when it could be anything else.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        let plain = word.bytes().all(|octet| octet.is_ascii_alphanumeric() || b"-_".contains(&octet));
        (plain && (1..=LONGEST_NAME).contains(&word.len())).then(|| Self(word.to_owned()))
    }

    /// The word.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Conditions that all hold. Without any it is everything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Conditions {
    pub(super) items: Vec<Item>,
    pub(super) saved: Option<SavedFilter>,
    pub(super) search: Option<String>,
    pub(super) own: bool,
}

impl Conditions {
    /// Reads the `where` of a list, as the CRM's pages send it: items, and beside them a text to be
    /// found, a filter of the CRM's own, and `onlyMy`, which is whoever it is chosen for.
    ///
    /// # Errors
    /// Why it is not taken.
    pub fn read(value: &Value) -> Result<Self, NoCondition> {
        let list = value.as_array().ok_or(NoCondition::Form)?;
        let (mut all, mut left) = (Self::default(), MOST_ITEMS);
        for value in list {
            let given = value.as_object().ok_or(NoCondition::Form)?;
            match (given.get("type").and_then(Value::as_str), given.get("value")) {
                (Some("primary"), Some(Value::String(word))) if all.saved.is_none() => {
                    all.saved = Some(SavedFilter::parse(word).ok_or(NoCondition::Value)?);
                }
                (Some("textFilter"), Some(Value::String(text))) if all.search.is_none() => {
                    all.search = Some(searched(text)?);
                }
                (Some("bool"), Some(Value::Array(words))) => {
                    let own = words.iter().all(|word| word.as_str() == Some("onlyMy"));
                    all.own |= own && !words.is_empty();
                    if !own {
                        return Err(NoCondition::Kind);
                    }
                }
                _ => all.items.push(Item::read(given, 1, &mut left)?),
            }
        }
        if all.fills() > FILLS { Err(NoCondition::Large) } else { Ok(all) }
    }

    fn fills(&self) -> usize {
        let mut pairs = Vec::new();
        for item in &self.items {
            item.write("whereGroup[00]", &mut pairs);
        }
        let encoded = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).map(str::len).sum();
        let length = |(name, value): &(String, String)| name.len() + 2 + encoded(value);
        pairs.iter().map(length).sum::<usize>() + self.search.as_deref().map_or(0, encoded)
    }
}

impl From<SavedFilter> for Conditions {
    fn from(filter: SavedFilter) -> Self {
        Self { saved: Some(filter), ..Self::default() }
    }
}

/// One condition, that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    word: &'static str,
    of: Of,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Of {
    Items(Vec<Item>),
    Attribute { name: String, given: Given, time: Option<Time> },
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Given {
    Nothing,
    One(String),
    Several(Vec<String>),
}

/// That the attribute is a time, or a day, and the zone in which it is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Time {
    word: &'static str,
    zone: Option<String>,
}

impl Item {
    fn read(of: &Map<String, Value>, depth: usize, left: &mut usize) -> Result<Self, NoCondition> {
        *left = left.checked_sub(1).filter(|_| depth <= DEEPEST).ok_or(NoCondition::Large)?;
        let kind = of.get("type").and_then(Value::as_str).ok_or(NoCondition::Form)?;
        if let Some(word) = among(JOINED, kind) {
            only(of, &["type", "value"])?;
            let inner = of.get("value").and_then(Value::as_array).filter(|inner| !inner.is_empty());
            let inner = inner.ok_or(NoCondition::Value)?.iter();
            let read =
                |value: &Value| Self::read(value.as_object().ok_or(NoCondition::Form)?, depth + 1, left);
            let items: Result<Vec<_>, _> = inner.map(read).collect();
            return Ok(Self { word, of: Of::Items(items?) });
        }
        only(of, &["type", "attribute", "field", "value", "dateTime", "date", "timeZone"])?;
        let (word, given) = given(kind, of.get("value").unwrap_or(&Value::Null))?;
        let name = of.get("attribute").or_else(|| of.get("field")).and_then(Value::as_str);
        let name = name.filter(|name| is_attribute(name)).ok_or(NoCondition::Attribute)?.to_owned();
        Ok(Self { word, of: Of::Attribute { name, given, time: time(of)? } })
    }

    pub(super) fn word(&self) -> &'static str {
        self.word
    }

    /// As it stands in an address. What was read is neither deep nor long.
    pub(super) fn write(&self, at: &str, out: &mut Vec<(String, String)>) {
        out.push((format!("{at}[type]"), self.word.to_owned()));
        match &self.of {
            Of::Items(items) => {
                for (index, item) in items.iter().enumerate() {
                    item.write(&format!("{at}[value][{index}]"), out);
                }
            }
            Of::Attribute { name, given, time } => {
                let mut put = |end: &str, value: &str| out.push((format!("{at}{end}"), value.to_owned()));
                put("[attribute]", name);
                match given {
                    Given::Nothing => {}
                    Given::One(value) => put("[value]", value),
                    Given::Several(values) => values.iter().for_each(|value| put("[value][]", value)),
                }
                if let Some(Time { word, zone }) = time {
                    put(&format!("[{word}]"), "true");
                    zone.iter().for_each(|zone| put("[timeZone]", zone));
                }
            }
        }
    }
}

fn among(words: &'static str, word: &str) -> Option<&'static str> {
    words.split_whitespace().find(|known| *known == word)
}

// A part that is not understood may narrow what is meant.
fn only(of: &Map<String, Value>, parts: &[&str]) -> Result<(), NoCondition> {
    if of.keys().all(|key| parts.contains(&key.as_str())) { Ok(()) } else { Err(NoCondition::Kind) }
}

fn given(kind: &str, value: &Value) -> Result<(&'static str, Given), NoCondition> {
    let one = || single(value).map(Given::One);
    let several = || match value.as_array() {
        Some(all) if (1..=MOST_VALUES).contains(&all.len()) => {
            all.iter().map(single).collect::<Result<_, _>>().map(Given::Several)
        }
        // Of an empty list nothing would be left in an address, and the CRM would take that for no value.
        Some(_) => Err(NoCondition::Value),
        None => single(value).map(|value| Given::Several(vec![value])),
    };
    if let Some(word) = among(BARE, kind) {
        return Ok((word, Given::Nothing));
    }
    let (word, given) = if let Some(word) = among(SINGLE, kind) {
        (word, one()?)
    } else if let Some(word) = among(ANY, kind) {
        (word, if value.is_array() { several()? } else { one()? })
    } else if let Some(word) = among(LISTED, kind) {
        (word, several()?)
    } else {
        (among(PAIRED, kind).ok_or(NoCondition::Kind)?, several()?)
    };
    match &given {
        Given::Several(values) if word == PAIRED && values.len() != 2 => Err(NoCondition::Value),
        _ => Ok((word, given)),
    }
}

// An address knows texts only, and there the CRM would take `false` for true.
fn single(value: &Value) -> Result<String, NoCondition> {
    match value {
        Value::String(text) if !text.contains(char::is_control) => Ok(text.clone()),
        Value::Number(number) => Ok(number.to_string()),
        Value::Bool(mark) => Ok(u8::from(*mark).to_string()),
        _ => Err(NoCondition::Value),
    }
}

fn searched(text: &str) -> Result<String, NoCondition> {
    let text = text.trim();
    let plain = !text.is_empty() && !text.contains(char::is_control);
    let short = text.chars().nth(LONGEST_SEARCH).is_none();
    if plain && short { Ok(text.to_owned()) } else { Err(NoCondition::Value) }
}

// An attribute, or one of a record that a link leads to.
fn is_attribute(name: &str) -> bool {
    let plain = |part: &str| {
        !part.is_empty() && part.bytes().all(|octet| octet.is_ascii_alphanumeric() || octet == b'_')
    };
    name.len() <= LONGEST_NAME && name.split('.').count() <= 2 && name.split('.').all(plain)
}

fn time(of: &Map<String, Value>) -> Result<Option<Time>, NoCondition> {
    let marked = |name: &str| match of.get(name) {
        None => Ok(false),
        Some(Value::Bool(mark)) => Ok(*mark),
        Some(_) => Err(NoCondition::Value),
    };
    let word = match (marked("dateTime")?, marked("date")?) {
        (true, _) => "dateTime",
        (false, true) => "date",
        (false, false) => return Ok(None),
    };
    let zone = match of.get("timeZone") {
        None | Some(Value::Null) => None,
        Some(zone) => Some(zone.as_str().filter(|zone| is_zone(zone)).ok_or(NoCondition::Value)?.to_owned()),
    };
    Ok(Some(Time { word, zone }))
}

fn is_zone(zone: &str) -> bool {
    let plain = zone.bytes().all(|octet| octet.is_ascii_alphanumeric() || b"+-_/".contains(&octet));
    plain && (1..=LONGEST_NAME).contains(&zone.len())
}
