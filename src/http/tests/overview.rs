//! The charts of the overview.

use postern_core::model::role::Role;

use super::House;
use crate::node::tally::{HOUR, begin};
use crate::store::hourly;

#[tokio::test]
async fn charts_are_drawn_of_what_was_counted_and_a_sentence_stands_where_nothing_was() {
    let house = House::build().await;
    let jan = house.signed_in("jan", Role::Admin).await;
    let page = jan.get("/admin").await.text;
    assert!(page.contains("Nothing was counted in this time yet.") && !page.contains("<svg"), "{page}");
    let (store, now) = (house.stage.store(), house.stage.clock.now());
    let mut batch = store.batch().await.unwrap();
    for (back, process, count) in [(1, "one", 3), (1, "two", 4), (100, "one", 50)] {
        hourly::put(&mut batch, process, begin(now) - back * HOUR, "logins", count).await.unwrap();
    }
    batch.commit().await.unwrap();
    let day = jan.get("/admin").await.text;
    assert_eq!(day.matches("<svg").count(), 6);
    assert_eq!(day.matches("class=\"bar\"").count(), 1);
    assert!(day.contains("7 in all, at most 7") && day.contains("<td>7</td>"), "{day}");
    assert!(!day.contains(" style="), "the policy allows no style in a tag");
    let month = jan.get("/admin?span=30d").await.text;
    assert_eq!(month.matches("class=\"bar\"").count(), 2);
    assert!(month.contains("57 in all, at most 50"), "{month}");
    jan.post("/admin/me/taste", &[("lang", "cs"), ("zone", "Asia/Tokyo")]).await;
    let day = jan.get("/admin").await.text;
    assert!(day.contains("2026-11-22 08:00") && day.contains("celkem 7"), "{day}");
}
