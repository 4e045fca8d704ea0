//! The Gmail panel in a page of a CRM that lives on another site, in a browser
//! that gives frames no cookies.

use super::gallery::pictures;
use super::house::{House, Way};
use crate::support::ports;

const ANNA: &str = "anna@example.com";
const OWNER: &str = "65f0c1a2b3d4e5f60";
/// `localhost`, where the gateway is, is another site than this.
const SITE: &str = "http://127.0.0.1";

#[tokio::test(flavor = "multi_thread")]
async fn the_panel_works_in_a_page_of_the_crm_and_nowhere_else() {
    let [crm, foreign] = [ports::free(), ports::free()].map(|port| format!("{SITE}:{port}"));
    let house = House::with(Way::ThroughNginx, &[("POSTERN__CRM__EMBED_ORIGIN", &crm)], "").await;
    house.gateway.sandbox.google().add_demo_people();
    house.command(&["account", "add", ANNA, "--crm-user", OWNER]).await;
    let key =
        house.command(&["api-key", "add", "crm", "--scope", "account:link", "--scope", "token:issue"]).await;
    let told = [
        ("CRM", crm.as_str()),
        ("FOREIGN", &foreign),
        ("KEY", key.trim()),
        ("OWNER", OWNER),
        ("PICTURES", &pictures()),
        ("FLAGS", "--test-third-party-cookie-phaseout"),
    ];
    house.tell("panel.js", &told).await;
    house.close().await;
}
