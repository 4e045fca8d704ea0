//! The parts of a run. Each does the same work at every peer in turn.

pub mod fetch;
pub mod login;
pub mod memory;
pub mod refresh;
pub mod smtp;

use std::sync::Arc;

use tokio::task::JoinSet;

/// Does `job(0)` to `job(count - 1)`, at most `width` at a time. The first
/// failure fails all: nothing is measured with less than was asked for.
pub async fn crowd<F, T>(
    count: usize,
    width: usize,
    job: impl Fn(usize) -> F + Send + Sync + 'static,
) -> anyhow::Result<Vec<T>>
where
    F: Future<Output = anyhow::Result<T>> + Send,
    T: Send + 'static,
{
    let (job, next) = (Arc::new(job), Arc::new(std::sync::atomic::AtomicUsize::new(0)));
    let mut workers = JoinSet::new();
    for _ in 0..width {
        let (job, next) = (job.clone(), next.clone());
        workers.spawn(async move {
            let mut done = Vec::new();
            loop {
                let n = next.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                if n >= count {
                    return anyhow::Ok(done);
                }
                done.push(job(n).await?);
            }
        });
    }
    let mut all = Vec::new();
    while let Some(done) = workers.join_next().await {
        all.extend(done??);
    }
    Ok(all)
}
