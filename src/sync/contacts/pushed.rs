//! What came of the records of a push, each told by a word.

use postern_core::plan::contacts::card::Entity;
use postern_core::plan::contacts::operation::{Left, Plan, Subject};

use super::run::Run;
use super::stage::Stage;
use crate::store::Batch;
use crate::store::StoreError;
use crate::store::contacts::pushes;
use crate::sync::missed::Missed;

/// The record became a person.
pub(super) const MADE: &str = "made";
/// It was somebody already, who is in the group now.
pub(super) const LINKED: &str = "linked";
/// Google, or the CRM, refuses it.
pub(super) const REFUSED: &str = "refused";

impl Run<'_> {
    /// Tells what was decided without doing anything.
    pub(super) async fn told_lines(&mut self, stage: &Stage, plan: &Plan) -> Result<(), Missed> {
        if stage.lines.is_empty() {
            return Ok(());
        }
        let mut batch = self.ledger().batch().await?;
        for line in &stage.lines {
            let name = (line.entity, line.record.as_str());
            let subject = Subject::Card(line.entity, line.record.clone());
            if stage.card(line.entity, &line.record).is_none() {
                // What the CRM's user may not read, and what there is not, nobody can tell apart here.
                self.end(&mut batch, name, Left::NoAccess.name()).await?;
            } else if let Some((_, left)) = plan.left.iter().find(|(about, _)| *about == subject)
                && *left != Left::Unseen
            {
                self.end(&mut batch, name, left.name()).await?;
            }
        }
        Ok(batch.commit().await?)
    }

    /// It is known what came of a record.
    pub(super) async fn end(
        &self,
        batch: &mut Batch,
        name: (Entity, &str),
        word: &str,
    ) -> Result<(), StoreError> {
        pushes::end(batch, self.book.account, name, word).await
    }
}
