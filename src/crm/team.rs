//! Teams of the CRM, by which records are shared.

use serde_json::Value;

use super::client::Client;
use super::fault::Fault;
use super::id::Id;
use super::query::{Order, Query};

/// Most teams that are told, of a user or of all.
const MOST: usize = 600;
const PAGE: usize = 200;

/// A team.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Team {
    /// Its identity.
    pub id: String,
    /// Its name; its identity where it has none.
    pub name: String,
}

impl Team {
    fn of(id: &str, name: Option<&str>) -> Option<Self> {
        let id = Id::parse(id)?.as_str().to_owned();
        let name = name.filter(|name| !name.is_empty()).unwrap_or(&id).to_owned();
        Some(Self { id, name })
    }
}

/// The teams in the record of a user; none when it does not tell.
pub(super) fn of_user(ids: &Value, names: &Value) -> Option<Vec<Team>> {
    let ids = ids.as_array()?.iter().filter_map(Value::as_str).take(MOST);
    let one = |id: &str| Team::of(id, names.get(id).and_then(Value::as_str));
    Some(sorted(ids.filter_map(one).collect()))
}

fn sorted(mut teams: Vec<Team>) -> Vec<Team> {
    teams.sort_by_cached_key(|team| (team.name.to_lowercase(), team.id.clone()));
    teams
}

impl Client {
    /// Every team that our user may see.
    ///
    /// # Errors
    /// When the CRM does not tell.
    pub async fn teams(&self) -> Result<Vec<Team>, Fault> {
        let mut teams = Vec::new();
        for skip in (0..MOST).step_by(PAGE) {
            let query = Query::new().select(&["id", "name"]).order("name", Order::Asc).page(skip, PAGE);
            let page = self.list("Team", &query.without_total()).await?;
            let told = page.records.iter();
            teams.extend(told.filter_map(|record| Team::of(record.id().as_str(), record.text("name"))));
            if !page.more {
                break;
            }
        }
        Ok(sorted(teams))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Team, of_user};

    #[test]
    fn the_teams_of_a_user_are_told_by_name_and_silence_is_not_none_of_them() {
        let team = |id: &str, name: &str| Team { id: id.to_owned(), name: name.to_owned() };
        let names = json!({ "t1": "Sales", "t2": "alpha", "t3": "" });
        let told = of_user(&json!(["t1", "t3", "a/b", 5, "t2"]), &names).unwrap();
        assert_eq!(told, [team("t2", "alpha"), team("t1", "Sales"), team("t3", "t3")]);
        // PHP writes an empty map as a list.
        assert_eq!(of_user(&json!(["t1"]), &json!([])), Some(vec![team("t1", "t1")]));
        assert_eq!(of_user(&json!([]), &json!({})), Some(Vec::new()));
        assert_eq!(of_user(&json!(null), &json!(null)), None);
    }
}
