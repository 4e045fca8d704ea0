//! All-day meetings, in which the releases differ.

use serde_json::{Value, json};

use super::espo::{Espo, Outcome, everywhere};

async fn days(espo: &Espo, more: &Value) -> Value {
    let mut about = json!({ "name": "Days", "assignedUserId": espo.alice, "isAllDay": true,
        "dateStartDate": "2026-12-05", "dateEndDate": "2026-12-05" });
    for (name, value) in more.as_object().into_iter().flatten() {
        about[name] = value.clone();
    }
    let made = espo.made("Meeting", &about).await;
    espo.read("Meeting", made["id"].as_str().unwrap_or_default()).await
}

fn five(record: &Value) -> [&Value; 5] {
    ["isAllDay", "dateStart", "dateEnd", "dateStartDate", "dateEndDate"].map(|name| &record[name])
}

#[tokio::test]
async fn the_last_day_is_inclusive_and_the_end_is_the_midnight_after_it() -> Outcome {
    everywhere(async |espo| {
        let read = days(espo, &json!({})).await;
        assert_eq!(
            five(&read),
            [
                &json!(true),
                &json!("2026-12-05 00:00:00"),
                &json!("2026-12-06 00:00:00"),
                &json!("2026-12-05"),
                &json!("2026-12-05")
            ]
        );
        assert_eq!(read["duration"], json!(86_400));
        Ok(())
    })
    .await
}

#[tokio::test]
async fn days_without_the_mark_are_lost_in_10_and_kept_before() -> Outcome {
    everywhere(async |espo| {
        let read = days(espo, &json!({ "isAllDay": false })).await;
        let null = &Value::Null;
        assert_eq!(read["isAllDay"], json!(false));
        if espo.is_ten {
            assert_eq!(five(&read)[1..], [null, null, null, null]);
        } else {
            assert_eq!(read["dateStart"], json!("2026-12-05 00:00:00"));
            assert_eq!(read["dateStartDate"], json!("2026-12-05"));
        }
        Ok(())
    })
    .await
}

#[tokio::test]
async fn the_way_back_to_hours_needs_empty_days_before_10() -> Outcome {
    everywhere(async |espo| {
        let id = days(espo, &json!({})).await["id"].as_str().unwrap_or_default().to_owned();
        let path = format!("Meeting/{id}");
        let hours = json!({ "isAllDay": false, "dateStart": "2026-12-07 09:00:00",
            "dateEnd": "2026-12-07 10:00:00" });
        espo.put(&path, &hours).await.good();
        let read = espo.read("Meeting", &id).await;
        if espo.is_ten {
            assert_eq!(read["dateStart"], json!("2026-12-07 09:00:00"));
            assert_eq!(read["dateStartDate"], Value::Null);
        } else {
            assert_eq!(read["dateStart"], json!("2026-12-05 00:00:00"));
            assert_eq!(read["dateStartDate"], json!("2026-12-05"));
        }
        Ok(())
    })
    .await
}

#[tokio::test]
async fn all_five_fields_together_work_both_ways_everywhere() -> Outcome {
    everywhere(async |espo| {
        let id = days(espo, &json!({})).await["id"].as_str().unwrap_or_default().to_owned();
        let path = format!("Meeting/{id}");
        let hours = json!({ "isAllDay": false, "dateStart": "2026-12-07 09:00:00",
            "dateEnd": "2026-12-07 10:00:00", "dateStartDate": null, "dateEndDate": null });
        espo.put(&path, &hours).await.good();
        let read = espo.read("Meeting", &id).await;
        let sent =
            ["isAllDay", "dateStart", "dateEnd", "dateStartDate", "dateEndDate"].map(|name| &hours[name]);
        assert_eq!(five(&read), sent);
        let again = json!({ "isAllDay": true, "dateStart": null, "dateEnd": null,
            "dateStartDate": "2026-12-08", "dateEndDate": "2026-12-09" });
        espo.put(&path, &again).await.good();
        let read = espo.read("Meeting", &id).await;
        assert_eq!(read["dateStart"], json!("2026-12-08 00:00:00"));
        assert_eq!(read["dateEnd"], json!("2026-12-10 00:00:00"));
        Ok(())
    })
    .await
}

#[tokio::test]
async fn the_mark_with_hours_only_is_taken_as_it_is() -> Outcome {
    everywhere(async |espo| {
        let id = espo.meeting(&json!({ "isAllDay": true })).await;
        let read = espo.read("Meeting", &id).await;
        assert_eq!(
            five(&read),
            [
                &json!(true),
                &json!("2026-12-01 11:00:00"),
                &json!("2026-12-01 12:00:00"),
                &Value::Null,
                &Value::Null
            ]
        );
        Ok(())
    })
    .await
}
