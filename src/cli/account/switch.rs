//! `postern account disable` and `enable`.

use postern_core::model::account::State;
use postern_core::model::address::Address;

use super::super::desk::Desk;
use super::say;
use crate::actions::account::switch;

pub(super) async fn disable(desk: &Desk, address: &Address) -> anyhow::Result<()> {
    let done = switch::disable(&desk.parts.store, &desk.by, address).await?;
    say(&if done.changed {
        format!("{address} is disabled; its sessions end within seconds.")
    } else {
        format!("{address} was disabled before; nothing has changed.")
    });
    Ok(())
}

pub(super) async fn enable(desk: &Desk, address: &Address) -> anyhow::Result<()> {
    let done = switch::enable(&desk.parts.store, &desk.by, address).await?;
    let state = done.account.state;
    say(&if done.changed {
        format!("{address} is enabled; its state is {state}.")
    } else {
        format!("{address} was not disabled; its state is {state}.")
    });
    if matches!(state, State::NeedsConsent | State::NeedsSignIn) {
        say(&format!("Its owner has to connect again: postern account add {address}"));
    }
    Ok(())
}
