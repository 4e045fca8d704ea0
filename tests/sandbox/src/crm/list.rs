//! Lists: what is asked for, in which order, and how much of it.

use serde_json::{Map, Value, json};

use super::answer::Answer;
use super::filter::text;
use super::query::{items, tree};
use super::saved::saved;
use super::shape::Shape;
use super::world::{Actor, Record, World};

/// The most that one page may hold.
const MOST: i64 = 200;
/// Added to every selection of an event.
const ALWAYS: [&str; 3] = ["parentName", "createdById", "assignedUserId"];

/// What only a record's own page shows, also when a list is asked for it. So the CRM's code has it: its
/// lists load links to many and nothing else. It was not recorded.
const OF_ONE: [&str; 2] = ["emailAddressData", "phoneNumberData"];

/// What a list is asked for.
#[derive(Debug, Default)]
pub(crate) struct Wanted {
    tree: Map<String, Value>,
    no_total: bool,
}

impl Wanted {
    /// Reads a query; `searchParams` carries all of it as JSON.
    pub(crate) fn read(query: &str, no_total: bool) -> Result<Self, Answer> {
        let mut tree = tree(query);
        if let Some(Value::String(params)) = tree.remove("searchParams") {
            let params: Map<String, Value> = serde_json::from_str(&params).map_err(|_| Answer::bare(400))?;
            if params.get("select").is_some_and(|select| !select.is_array()) {
                return Err(Answer::bare(400));
            }
            tree.extend(params);
        }
        Ok(Self { tree, no_total })
    }

    fn number(&self, name: &str) -> Option<i64> {
        match self.tree.get(name)? {
            Value::Number(number) => number.as_i64(),
            value => value.as_str()?.parse().ok(),
        }
    }

    fn word(&self, name: &str) -> Option<&str> {
        self.tree.get(name).and_then(Value::as_str).filter(|word| !word.is_empty())
    }

    fn select(&self) -> Option<Vec<&str>> {
        let select = self.tree.get("select").or_else(|| self.tree.get("attributeSelect"))?;
        Some(match select {
            Value::String(words) => words.split(',').collect(),
            list => items(list).into_iter().filter_map(Value::as_str).collect(),
        })
    }

    fn conditions(&self) -> Vec<&Value> {
        ["where", "whereGroup"].iter().filter_map(|name| self.tree.get(*name)).flat_map(items).collect()
    }
}

impl World {
    /// `GET Entity`
    pub(crate) fn list(&self, actor: &Actor, shape: &Shape, wanted: &Wanted) -> Answer {
        let records = self.all(shape.entity).filter(|record| self.sees(actor, record));
        let listed = |record: &&Record| record.text("type").is_none_or(|kind| kind != "api");
        match self.page(actor, shape, records.filter(listed).collect(), wanted) {
            Ok((total, rows)) => Answer::ok(json!({ "total": total, "list": rows })),
            Err(refusal) => refusal,
        }
    }

    /// Filters, orders and cuts; the total is negative where it was not counted.
    pub(crate) fn page(
        &self,
        actor: &Actor,
        shape: &Shape,
        records: Vec<&Record>,
        wanted: &Wanted,
    ) -> Result<(i64, Vec<Value>), Answer> {
        let most = wanted.number("maxSize").unwrap_or(MOST);
        if most > MOST {
            let reason = format!("Max size should not exceed {MOST}. Use offset and limit.");
            return Err(Answer::because(403, reason));
        }
        let most = usize::try_from(most).map_err(|_| Answer::bare(500))?;
        let (order, descending) = self.order(shape, wanted)?;
        let conditions = wanted.conditions();
        conditions.iter().try_for_each(|item| self.check_where(actor, shape, item))?;
        let saved = wanted.word("primaryFilter").map(|word| saved(shape, word)).transpose()?;
        let search = wanted.word("q").or_else(|| wanted.word("textFilter")).map(str::to_lowercase);
        let mut records = records;
        records.retain(|record| {
            conditions.iter().all(|item| self.passes(record, item))
                && saved.is_none_or(|shows| shows(record))
                && search.as_ref().is_none_or(|search| self.found(record, search))
        });
        records.sort_by_cached_key(|record| (text(&self.value(record, order)), record.id.clone()));
        if descending {
            records.reverse();
        }
        let offset = usize::try_from(wanted.number("offset").unwrap_or(0)).unwrap_or(0);
        let total = records.len();
        let page = records.into_iter().skip(offset).take(most);
        let rows = page.map(|record| Value::Object(self.selected(shape, record, order, wanted))).collect();
        let counted = !wanted.no_total && search.is_none();
        let more = if total > offset.saturating_add(most) { -1 } else { -2 };
        Ok((if counted { i64::try_from(total).unwrap_or(i64::MAX) } else { more }, rows))
    }

    fn found(&self, record: &Record, search: &str) -> bool {
        let name = self.name(record).as_str().map(str::to_lowercase).unwrap_or_default();
        name.starts_with(search) || record.emails.iter().any(|email| email.starts_with(search))
    }

    fn order<'a>(&self, shape: &'a Shape, wanted: &'a Wanted) -> Result<(&'a str, bool), Answer> {
        let usual = shape.order.trim_start_matches('+');
        let order = wanted.word("orderBy").unwrap_or(usual);
        let known = shape.row().any(|name| name == order) || self.event_field.attributes().contains(&order);
        if !known {
            return Err(Answer::because(400, format!("Order by non-existing field '{order}'.")));
        }
        let descending = match wanted.word("order").or_else(|| wanted.word("desc")) {
            Some(word) => matches!(word.to_ascii_lowercase().as_str(), "desc" | "true"),
            None => order == usual && !shape.order.starts_with('+'),
        };
        Ok((order, descending))
    }

    fn selected(&self, shape: &Shape, record: &Record, order: &str, wanted: &Wanted) -> Map<String, Value> {
        let Some(select) = wanted.select() else { return self.row(record) };
        let added: &[&str] = if shape.is_event() { &ALWAYS } else { &ALWAYS[1..] };
        let times = ["dateStart", "dateEnd", "dateStartDate", "dateEndDate"].into_iter();
        let times = times.filter(|_| order == "dateStart");
        let known = |name: &&str| {
            shape.all().any(|it| it == *name) && !OF_ONE.contains(name)
                || shape.is_event() && self.event_field.attributes().contains(name)
        };
        let names = select.into_iter().chain(["id", order]).chain(added.iter().copied()).chain(times);
        Self::cut(self.pick(record, names.filter(known)))
    }
}
