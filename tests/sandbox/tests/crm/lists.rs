//! Lists: filters, pages, selections.

use serde_json::{Value, json};

use super::espo::{Espo, Outcome, everywhere, query, unique};

/// Three meetings whose names begin with a word of their own.
async fn three(espo: &Espo) -> (String, Vec<String>) {
    let word = unique("Row");
    let mut ids = Vec::new();
    for (at, day) in ["03", "01", "02"].into_iter().enumerate() {
        let start = format!("2026-12-{day} 11:00:00");
        ids.push(espo.meeting(&json!({ "name": format!("{word} {at}"), "dateStart": start })).await);
    }
    (word, ids)
}

fn ids(list: &Value) -> Vec<&str> {
    list["list"].as_array().into_iter().flatten().filter_map(|row| row["id"].as_str()).collect()
}

fn named(word: &str) -> String {
    query(&[
        ("whereGroup[0][type]", "startsWith"),
        ("whereGroup[0][attribute]", "name"),
        ("whereGroup[0][value]", word),
    ])
}

#[tokio::test]
async fn pages_are_cut_in_the_order_asked_for() -> Outcome {
    everywhere(async |espo| {
        let (word, made) = three(espo).await;
        let named = named(&word);
        let list = espo.get(&format!("Meeting?{named}&orderBy=dateStart&order=asc&maxSize=2")).await.good();
        assert_eq!((list["total"].clone(), ids(&list)), (json!(3), vec![&*made[1], &*made[2]]));
        let list = espo.get(&format!("Meeting?{named}&orderBy=dateStart&order=asc&maxSize=2&offset=2")).await;
        assert_eq!(ids(&list.good()), [&*made[0]]);
        let list = espo.get(&format!("Meeting?{named}&orderBy=dateStart&order=desc")).await.good();
        assert_eq!(ids(&list), [&*made[0], &*made[2], &*made[1]]);
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_page_holds_at_most_200() -> Outcome {
    everywhere(async |espo| {
        espo.get("Meeting?maxSize=200").await.good();
        let told = espo.get("Meeting?maxSize=201").await;
        told.is(403, "Max size should not exceed 200. Use offset and limit.");
        let (word, _) = three(espo).await;
        let list = espo.get(&format!("Meeting?maxSize=0&{}", named(&word))).await.good();
        assert_eq!((&list["total"], &list["list"]), (&json!(3), &json!([])));
        assert_eq!(espo.get("Meeting?maxSize=-1").await.status, 500);
        Ok(())
    })
    .await
}

#[tokio::test]
async fn an_uncounted_total_says_whether_there_is_more() -> Outcome {
    everywhere(async |espo| {
        let (word, _) = three(espo).await;
        for (size, total) in [("2", -1), ("3", -2)] {
            let path = format!("Meeting?maxSize={size}&{}", named(&word));
            let list = espo.ask("GET", &path, None, &[("X-No-Total", "true")]).await.good();
            assert_eq!(list["total"], json!(total));
        }
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_selection_is_added_to() -> Outcome {
    everywhere(async |espo| {
        let (word, _) = three(espo).await;
        let list = espo.get(&format!("Meeting?maxSize=1&select=id&{}", named(&word))).await.good();
        let row = list["list"][0].as_object().expect("a row").clone();
        for name in ["id", "dateStart", "dateEnd", "parentName", "createdById", "assignedUserId"] {
            assert!(row.contains_key(name), "{name}: {row:?}");
        }
        for name in ["name", "description", "modifiedAt", "usersIds"] {
            assert!(!row.contains_key(name), "{name}: {row:?}");
        }
        Ok(())
    })
    .await
}

#[tokio::test]
async fn attendees_are_in_a_list_only_when_selected() -> Outcome {
    everywhere(async |espo| {
        let (word, _) = three(espo).await;
        let plain = espo.get(&format!("Meeting?maxSize=1&{}", named(&word))).await.good();
        assert!(plain["list"][0].get("usersIds").is_none(), "{plain}");
        let select = "id,modifiedAt,usersIds,usersColumns,contactsIds,leadsIds";
        let list = espo.get(&format!("Meeting?maxSize=1&select={select}&{}", named(&word))).await.good();
        let row = &list["list"][0];
        assert_eq!(row["usersIds"], json!([espo.alice]));
        assert_eq!(row["usersColumns"][&espo.alice]["status"], json!("None"));
        assert_eq!((&row["contactsIds"], &row["leadsIds"]), (&json!([]), &json!([])));
        Ok(())
    })
    .await
}

#[tokio::test]
async fn the_old_word_and_the_json_form_ask_the_same() -> Outcome {
    everywhere(async |espo| {
        let (word, made) = three(espo).await;
        let old = named(&word).replace("whereGroup", "where");
        assert_eq!(espo.get(&format!("Meeting?{old}")).await.good()["total"], json!(3));
        let params = json!({ "maxSize": 1, "offset": 1, "orderBy": "dateStart", "order": "asc",
            "select": ["id", "name"],
            "where": [{ "type": "startsWith", "attribute": "name", "value": word }] });
        let list =
            espo.get(&format!("Meeting?{}", query(&[("searchParams", &params.to_string())]))).await.good();
        assert_eq!(ids(&list), [&*made[2]]);
        let text = json!({ "select": "id,name" });
        let told = espo.get(&format!("Meeting?{}", query(&[("searchParams", &text.to_string())]))).await;
        assert_eq!(told.status, 400, "{told:?}");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn what_is_not_there_cannot_be_asked_about() -> Outcome {
    everywhere(async |espo| {
        let group = |kind: &str, attribute: &str| {
            let value = [("whereGroup[0][value]", "x")];
            let item = [("whereGroup[0][type]", kind), ("whereGroup[0][attribute]", attribute)];
            format!("Meeting?{}", query(&[&item[..], &value[..]].concat()))
        };
        espo.get(&group("equals", "nope")).await.is(400, "Not existing attribute 'nope' in where.");
        espo.get(&group("bogus", "name")).await.is(400, "Unknown where item type 'bogus'.");
        let inner = "whereGroup[0][value][0][type]=equals&whereGroup[0][value][0][attribute]=nope";
        let told = espo
            .get(&format!("Meeting?whereGroup[0][type]=or&{inner}&whereGroup[0][value][0][value]=x"))
            .await;
        told.is(400, "Not existing attribute 'nope' in where.");
        espo.get("Meeting?orderBy=nope").await.is(400, "Order by non-existing field 'nope'.");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn every_kind_of_filter_finds_what_it_says() -> Outcome {
    everywhere(async |espo| {
        let (word, made) = three(espo).await;
        let two = "2026-12-02 11:00:00";
        let upper = format!("{} 1", word.to_uppercase());
        let between = ["2026-12-01 11:00:00", two];
        for (item, expected) in [
            (json!({ "type": "equals", "attribute": "name", "value": upper }), vec![1]),
            (json!({ "type": "notEquals", "attribute": "dateStart", "value": two }), vec![0, 1]),
            (json!({ "type": "in", "attribute": "id", "value": [made[0], made[2]] }), vec![0, 2]),
            (json!({ "type": "notIn", "attribute": "id", "value": [made[0], made[2]] }), vec![1]),
            (json!({ "type": "after", "attribute": "dateStart", "value": two }), vec![0]),
            (json!({ "type": "greaterThan", "attribute": "dateStart", "value": two }), vec![0]),
            (json!({ "type": "greaterThanOrEquals", "attribute": "dateStart", "value": two }), vec![0, 2]),
            (json!({ "type": "before", "attribute": "dateStart", "value": two }), vec![1]),
            (json!({ "type": "lessThan", "attribute": "dateStart", "value": two }), vec![1]),
            (json!({ "type": "lessThanOrEquals", "attribute": "dateStart", "value": two }), vec![1, 2]),
            (json!({ "type": "between", "attribute": "dateStart", "value": between }), vec![1, 2]),
            (json!({ "type": "like", "attribute": "name", "value": "% 2" }), vec![2]),
            (json!({ "type": "contains", "attribute": "name", "value": word.to_uppercase() }), vec![0, 1, 2]),
            (json!({ "type": "isNull", "attribute": "description" }), vec![0, 1, 2]),
            (json!({ "type": "isNotNull", "attribute": "description" }), vec![]),
            (json!({ "type": "linkedWith", "attribute": "users", "value": [espo.alice] }), vec![0, 1, 2]),
            (json!({ "type": "linkedWith", "attribute": "users", "value": [espo.bob] }), vec![]),
            (json!({ "type": "notLinkedWith", "attribute": "users", "value": [espo.bob] }), vec![0, 1, 2]),
            (json!({ "type": "linkedWith", "attribute": "assignedUser", "value": [espo.alice] }), vec![0, 1, 2]),
            (json!({ "type": "isLinked", "attribute": "contacts" }), vec![]),
            (json!({ "type": "isNotLinked", "attribute": "contacts" }), vec![0, 1, 2]),
            (json!({ "type": "isFalse", "attribute": "isAllDay" }), vec![0, 1, 2]),
            (json!({ "type": "isTrue", "attribute": "isAllDay" }), vec![]),
            (json!({ "type": "endsWith", "attribute": "name", "value": " 1" }), vec![1]),
            (json!({ "type": "notContains", "attribute": "name", "value": " 1" }), vec![0, 2]),
            (json!({ "type": "notLike", "attribute": "name", "value": "%_1" }), vec![0, 2]),
            (
                json!({ "type": "not", "value": [{ "type": "equals", "attribute": "id", "value": made[0] }] }),
                vec![1, 2],
            ),
            (
                json!({ "type": "or", "value": [
                    { "type": "equals", "attribute": "id", "value": made[0] },
                    { "type": "and", "value": [{ "type": "equals", "attribute": "id", "value": made[1] }] },
                ] }),
                vec![0, 1],
            ),
        ] {
            let own = json!({ "type": "startsWith", "attribute": "name", "value": word });
            let params = json!({ "where": [own, item], "orderBy": "name", "order": "asc" });
            let list =
                espo.get(&format!("Meeting?{}", query(&[("searchParams", &params.to_string())]))).await;
            let expected: Vec<&str> = expected.into_iter().map(|at: usize| &*made[at]).collect();
            assert_eq!(ids(&list.good()), expected, "{item}");
        }
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_change_list_can_start_at_a_second() -> Outcome {
    everywhere(async |espo| {
        let (word, made) = three(espo).await;
        let at = espo.read("Meeting", &made[0]).await["modifiedAt"].clone();
        let at = at.as_str().unwrap_or_default();
        for (kind, included) in [("greaterThanOrEquals", true), ("after", false)] {
            let since = query(&[
                ("whereGroup[1][type]", kind),
                ("whereGroup[1][attribute]", "modifiedAt"),
                ("whereGroup[1][value]", at),
            ]);
            let list =
                espo.get(&format!("Meeting?{}&{since}&orderBy=modifiedAt&order=asc", named(&word))).await;
            let list = list.good();
            assert_eq!(ids(&list).contains(&made[0].as_str()), included, "{list}");
        }
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_time_of_this_moment_can_be_searched_from() -> Outcome {
    let espo = Espo::stand_in(postern_sandbox::Version::V10_0_0).await?;
    let clock = espo.crm().clock();
    let (now, day) = (clock.seconds(), 86_400);
    let mut made = Vec::new();
    for at in [now - 3 * day, now - day, now, now + day + 60, now + 3 * day] {
        let start = jiff::Timestamp::from_second(at.try_into()?)?.strftime("%Y-%m-%d %H:%M:%S").to_string();
        made.push(espo.meeting(&json!({ "dateStart": start, "dateEnd": start })).await);
    }
    clock.advance(std::time::Duration::from_secs(5));
    for (kind, value, expected) in [
        ("past", "", vec![0, 1, 2]),
        ("future", "", vec![3, 4]),
        ("lastXDays", "2", vec![1, 2]),
        ("nextXDays", "2", vec![3]),
        ("olderThanXDays", "2", vec![0]),
    ] {
        let filter =
            [("where[0][type]", kind), ("where[0][attribute]", "dateStart"), ("where[0][value]", value)];
        let list = espo.get(&format!("Meeting?orderBy=dateStart&order=asc&{}", query(&filter))).await.good();
        let expected: Vec<&str> = expected.into_iter().map(|at: usize| made[at].as_str()).collect();
        assert_eq!(ids(&list), expected, "{kind}");
    }
    Ok(())
}

#[tokio::test]
async fn a_search_has_no_total() -> Outcome {
    everywhere(async |espo| {
        let (word, _) = three(espo).await;
        let found = espo.get(&format!("Meeting?maxSize=2&{}", query(&[("q", &word)]))).await.good();
        assert_eq!((&found["total"], ids(&found).len()), (&json!(-1), 2));
        Ok(())
    })
    .await
}
