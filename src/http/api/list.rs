//! What a list is asked for, by the CRM's parameters, and its answer.

use std::collections::BTreeMap;

use axum::Json;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::{Value as Tree, json};
use uuid::Uuid;

use super::caller::Caller;
use super::error::Fault;
use super::{query, time};
use crate::store::filter::{Column, Condition, Kind, Operator, Query, Value};

/// Longest page.
const LONGEST: i64 = 200;
/// Rows of a page unless something else is said.
const USUAL: i64 = 50;
/// Most conditions of a request.
const CONDITIONS: usize = 50;
/// Most values of one condition.
const VALUES: usize = 200;
/// Deepest `and` and `or`.
const DEEPEST: usize = 4;

/// A field of a list: its name and what stands behind it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Field<C> {
    pub name: &'static str,
    pub column: C,
    pub kind: Kind,
}

impl<C> Field<C> {
    pub const fn of(name: &'static str, column: C, kind: Kind) -> Self {
        Self { name, column, kind }
    }
}

/// What is asked for.
#[derive(Debug, Clone)]
pub(super) struct Asked<C> {
    pub condition: Condition<C>,
    pub order: Option<C>,
    pub descending: Option<bool>,
    pub limit: i64,
    pub offset: i64,
}

impl Asked<Column> {
    /// The question to the store: only what the caller's key reaches, in the
    /// usual order where none is asked for.
    pub fn by(self, caller: &Caller, order: Column, descending: bool) -> Query {
        Query {
            condition: self.condition,
            reach: caller.key.terms.reach.clone(),
            order: self.order.unwrap_or(order),
            descending: self.descending.unwrap_or(descending),
            limit: self.limit,
            offset: self.offset,
        }
    }
}

/// Reads the parameters of a list. Whatever is not known is refused: a filter
/// that is passed over would tell more than was asked for.
pub(super) fn asked<C: Copy>(query: Option<&str>, fields: &[Field<C>]) -> Result<Asked<C>, Fault> {
    let mut all = query::read(query.unwrap_or_default())?;
    if let Some(text) = all.remove("searchParams") {
        let more = serde_json::from_str::<BTreeMap<String, Tree>>(text.as_str().unwrap_or_default());
        all.extend(more.map_err(|error| Fault::at("searchParams", error.to_string()))?);
    }
    let mut asked = Asked {
        condition: Condition::All(Vec::new()),
        order: None,
        descending: None,
        limit: USUAL,
        offset: 0,
    };
    let mut reading = Reading { fields, left: CONDITIONS };
    for (name, value) in all {
        match name.as_str() {
            "maxSize" => asked.limit = number(&name, &value, LONGEST)?,
            "offset" => asked.offset = number(&name, &value, i64::from(u32::MAX))?,
            "orderBy" => asked.order = Some(field(fields, &name, &value)?.column),
            "order" => asked.descending = Some(descending(&value)?),
            "where" | "whereGroup" => asked.condition = Condition::All(reading.all(&value, 0)?),
            _ => return Err(Fault::at(name, "is no parameter of this list")),
        }
    }
    Ok(asked)
}

fn number(name: &str, value: &Tree, most: i64) -> Result<i64, Fault> {
    let number = value.as_i64().or_else(|| value.as_str()?.parse().ok());
    let fits = number.filter(|number| (0..=most).contains(number));
    fits.ok_or_else(|| Fault::at(name, format!("a number from 0 to {most} is expected")))
}

fn descending(value: &Tree) -> Result<bool, Fault> {
    match value.as_str() {
        Some("asc") => Ok(false),
        Some("desc") => Ok(true),
        _ => Err(Fault::at("order", "asc or desc is expected")),
    }
}

fn field<C: Copy>(fields: &[Field<C>], at: &str, name: &Tree) -> Result<Field<C>, Fault> {
    let found = fields.iter().find(|field| Some(field.name) == name.as_str());
    found.copied().ok_or_else(|| {
        let names: Vec<&str> = fields.iter().map(|field| field.name).collect();
        Fault::at(at, format!("one of {} is expected", names.join(", ")))
    })
}

struct Reading<'f, C> {
    fields: &'f [Field<C>],
    left: usize,
}

impl<C: Copy> Reading<'_, C> {
    fn all(&mut self, value: &Tree, depth: usize) -> Result<Vec<Condition<C>>, Fault> {
        let items = value.as_array().filter(|_| depth <= DEEPEST);
        let items = items.ok_or_else(|| {
            Fault::at("where", format!("a list of conditions, at most {DEEPEST} deep, is expected"))
        })?;
        items.iter().map(|item| self.one(item, depth)).collect()
    }

    fn one(&mut self, item: &Tree, depth: usize) -> Result<Condition<C>, Fault> {
        self.left = self
            .left
            .checked_sub(1)
            .ok_or_else(|| Fault::at("where", format!("has more than {CONDITIONS} conditions")))?;
        let item =
            item.as_object().ok_or_else(|| Fault::at("where", "a condition has type and attribute"))?;
        for (name, value) in item {
            let known = match name.as_str() {
                "type" | "attribute" | "value" | "dateTime" => true,
                "timeZone" => value == "UTC",
                _ => false,
            };
            if !known {
                return Err(Fault::at("where", format!("{name} is not known here; times are UTC")));
            }
        }
        let missing = Tree::Null;
        let get = |name: &str| item.get(name).unwrap_or(&missing);
        match get("type").as_str().unwrap_or_default() {
            "and" => self.all(get("value"), depth + 1).map(Condition::All),
            "or" => self.all(get("value"), depth + 1).map(Condition::Any),
            word => self.leaf(word, get("attribute"), get("value")),
        }
    }

    fn leaf(&self, word: &str, attribute: &Tree, value: &Tree) -> Result<Condition<C>, Fault> {
        let operator = operator(word)?;
        let Field { name, column, kind } = field(self.fields, "where attribute", attribute)?;
        if !operator.fits(kind) {
            return Err(Fault::at("where", format!("{word} does not fit {name}")));
        }
        let given: &[Tree] = match (value, operator.takes()) {
            (Tree::Null, _) => &[],
            (Tree::Array(values), None | Some(2)) => values,
            (single, _) => std::slice::from_ref(single),
        };
        let fits = operator.takes().map_or((1..=VALUES).contains(&given.len()), |wants| wants == given.len());
        if !fits {
            return Err(Fault::at("where", format!("{word} of {name} has too many values or too few")));
        }
        let read = |value| {
            bound(kind, value).ok_or_else(|| Fault::at("where", format!("this is no value of {name}")))
        };
        Ok(Condition::Is { column, operator, values: given.iter().map(read).collect::<Result<_, _>>()? })
    }
}

fn operator(word: &str) -> Result<Operator, Fault> {
    Ok(match word {
        "equals" => Operator::Equals,
        "notEquals" => Operator::NotEquals,
        "in" => Operator::In,
        "contains" => Operator::Contains,
        "after" => Operator::After,
        "before" => Operator::Before,
        "between" => Operator::Between,
        "isNull" => Operator::IsNull,
        "isNotNull" => Operator::IsNotNull,
        _ => {
            let known = "equals, notEquals, in, contains, after, before, between, isNull, isNotNull, and, or";
            return Err(Fault::at("where type", format!("one of {known} is expected")));
        }
    })
}

fn bound(kind: Kind, value: &Tree) -> Option<Value> {
    match kind {
        // PostgreSQL keeps no NUL in a text.
        Kind::Text => {
            value.as_str().filter(|text| !text.contains('\0')).map(|text| Value::Text(text.to_owned()))
        }
        Kind::Id => value.as_str()?.parse::<Uuid>().ok().map(Value::Id),
        Kind::Time => time::read(value.as_str()?).map(Value::Number),
        Kind::Number => value.as_i64().or_else(|| value.as_str()?.parse().ok()).map(Value::Number),
    }
}

/// A page of rows, and how many there are in all.
pub(super) fn answer<R: Serialize>(rows: &[R], total: i64) -> Response {
    Json(json!({ "list": rows, "total": total })).into_response()
}
