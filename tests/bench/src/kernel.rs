//! What the kernel says a process and its children used.

use std::collections::BTreeMap;
use std::fs;

use anyhow::Context as _;

/// Processor time of `pid` and everything below it, in seconds.
pub fn cpu(pid: u32) -> anyhow::Result<f64> {
    let mut ticks = 0.0;
    for process in family(pid) {
        // A child that has ended meanwhile is counted with its parent.
        let Some(stat) = Stat::of(process) else { continue };
        ticks += stat.used;
    }
    // Linux counts in hundredths of a second, whatever the machine.
    Ok(ticks / 100.0)
}

/// Memory of `pid` and everything below it, shared pages in parts, in KiB.
pub fn pss(pid: u32) -> anyhow::Result<f64> {
    let mut all = 0.0;
    for process in family(pid) {
        let text = fs::read_to_string(format!("/proc/{process}/smaps_rollup"))
            .with_context(|| format!("the memory of process {process}"))?;
        let line = text.lines().find_map(|line| line.strip_prefix("Pss:")).context("no Pss")?;
        all += line.trim().trim_end_matches(" kB").trim().parse::<f64>()?;
    }
    Ok(all)
}

/// The process and all below it.
fn family(pid: u32) -> Vec<u32> {
    let mut below: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    for entry in processes {
        if let Some(one) = entry.file_name().to_str().and_then(|name| name.parse().ok())
            && let Some(stat) = Stat::of(one)
        {
            below.entry(stat.parent).or_default().push(one);
        }
    }
    let mut all = vec![pid];
    let mut next = 0;
    while let Some(one) = all.get(next) {
        all.extend(below.remove(one).unwrap_or_default());
        next += 1;
    }
    all
}

struct Stat {
    parent: u32,
    used: f64,
}

impl Stat {
    fn of(pid: u32) -> Option<Self> {
        let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        // The name in brackets may hold blanks.
        let fields: Vec<&str> = text.rsplit_once(") ")?.1.split(' ').collect();
        let number = |at: usize| fields.get(at)?.parse::<f64>().ok();
        // State is field 3 of proc(5): parent 4, utime 14, stime 15, and of ended children 16, 17.
        let used = number(11)? + number(12)? + number(13)? + number(14)?;
        Some(Self { parent: fields.get(1)?.parse().ok()?, used })
    }
}
