//! A process that is killed at any moment and started again at once: no grant is lost, no message is
//! said to be accepted that is not, and nothing is done twice.

use std::time::{Duration, Instant};

use postern_sandbox::{
    CalendarFault, CalendarTrouble, ContactsFault, ContactsTrouble, CrmTrouble, SmtpFault,
};
use tokio::time::sleep;

use super::client::{HERE, log_in};
use super::node::Node;
use super::several::Edits;
use super::size::{self, Chance, ms, percentile, tell};
use super::traffic::{Mailbox, Traffic};
use super::world::World;
use crate::support::databases::{Database, Kind};
use crate::support::process::postern;

/// Longest time from a kill to a login that succeeds.
const BACK: Duration = Duration::from_secs(30);

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_random_on_sqlite() {
    killed(Kind::Sqlite, size::number("KILLS", 16, 1_000).div_ceil(2)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_random_on_postgres() {
    killed(Kind::Postgres, size::number("KILLS", 16, 1_000) / 2).await;
}

async fn killed(kind: Kind, kills: u64) {
    let database = match kind {
        Kind::Sqlite => None,
        Kind::Postgres => Some(Database::migrated(kind).await.url),
    };
    let world = World::new(database, 4, 2).await;
    slow(&world);
    let mut node = Node::here(&world.text("main", ""), &world.gateway.dir.path().join("main.toml")).await;
    let (busy, probed) = world.mailboxes.split_at(3);
    let traffic = Traffic::start((node.imap, node.smtp), busy, probed, world.google());
    let edits = Edits::begin(&world.desk, Duration::from_millis(if size::long() { 500 } else { 50 }));
    let mut chance = Chance::new();
    let (seed, began) = (chance.seed(), Instant::now());
    let mut backs = Vec::new();
    for number in 0..kills {
        backs.push(one(&world, &mut node, &mut chance, number).await);
    }
    let lasted = began.elapsed();
    edits.end().await;
    let memory = traffic.end().await;
    world.expire();
    let rested = world.rest(Duration::from_secs(120)).await;
    every_grant_lives(&world, &node).await;
    world.judge().await;
    let verified = postern(node.config()).args(["audit", "verify"]).output().await.expect("the binary runs");
    assert!(verified.status.success(), "{verified:?}");
    let (accepted, unknown) = memory.judge(world.google());
    assert!(accepted > 0 && memory.reads() > 0, "seed {seed}: {:?}", memory.refusals());
    let refreshes = world.google().token_request_count(Some("refresh_token"));
    let figures = [
        ("database", format!("{kind:?}")),
        ("kills", kills.to_string()),
        ("seed", seed.to_string()),
        ("lasted", ms(lasted)),
        ("back_p50", ms(percentile(&backs, 50))),
        ("back_p99", ms(percentile(&backs, 99))),
        ("back_max", ms(percentile(&backs, 100))),
        ("accepted", accepted.to_string()),
        ("unknown", unknown.to_string()),
        ("reads", memory.reads().to_string()),
        ("refreshes", refreshes.to_string()),
        ("things", world.desk.things().to_string()),
        ("rest", ms(rested)),
    ];
    tell("kills", &figures);
}

/// Both sides take their time, so that a kill meets a request under way.
fn slow(world: &World) {
    let google = world.google();
    google.set_token_latency(Duration::from_millis(60));
    let late = Duration::from_millis(40);
    google.calendar_faults().always(CalendarFault::any(CalendarTrouble::TellLate(late)));
    google.contacts_faults().always(ContactsFault::any(ContactsTrouble::TellLate(late)));
    google.smtp_faults().always(SmtpFault::Latency(late));
    world.crm.faults().always(CrmTrouble::Delay(late).into());
}

/// One kill; how long it was until somebody could log in again.
async fn one(world: &World, node: &mut Node, chance: &mut Chance, number: u64) -> Duration {
    let probe = &world.mailboxes[chance.below(4) as usize];
    // Somebody has to refresh; whether before, in or after the kill is chance.
    sleep(Duration::from_millis(chance.below(500))).await;
    world.google().drop_access_tokens(&probe.address);
    sleep(Duration::from_millis(chance.below(200))).await;
    let began = Instant::now();
    node.kill().await;
    world.minutes_pass().await;
    if number % 5 == 4 {
        // Again while it starts.
        node.begin();
        sleep(Duration::from_millis(chance.below(300))).await;
        node.kill().await;
        world.minutes_pass().await;
    }
    node.again().await;
    while let Err(told) = log_in(HERE, node.imap, &probe.address, &probe.token).await {
        assert!(began.elapsed() < BACK, "{told}\n{}", node.log());
        sleep(Duration::from_millis(20)).await;
    }
    began.elapsed()
}

/// A refresh of each mailbox succeeds.
async fn every_grant_lives(world: &World, node: &Node) {
    for Mailbox { address, token, .. } in &world.mailboxes {
        world.google().drop_access_tokens(address);
        let told = log_in(HERE, node.imap, address, token).await;
        assert!(told.is_ok(), "{address}: {:?}\n{}", told.err(), node.log());
    }
}
