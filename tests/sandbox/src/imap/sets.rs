//! Sequence sets: `1:3,7,*`, by number or by UID.

/// The ranges of a set; `None` when it is none. `*` stands for `largest`.
pub(super) fn ranges(text: &str, largest: u32) -> Option<Vec<(u32, u32)>> {
    let number = |word: &str| match word {
        "*" => Some(largest),
        digits => digits.parse::<u32>().ok().filter(|it| *it > 0),
    };
    text.split(',')
        .map(|part| {
            let (from, to) = part.split_once(':').unwrap_or((part, part));
            let (from, to) = (number(from)?, number(to)?);
            Some((from.min(to), from.max(to)))
        })
        .collect()
}

/// The messages a set names, as (sequence number, UID).
pub(super) fn chosen(view: &[u32], text: &str, by_uid: bool) -> Option<Vec<(u32, u32)>> {
    let numbered = (1..).zip(view.iter().copied());
    let largest = if by_uid { view.last().copied().unwrap_or(0) } else { u32::try_from(view.len()).ok()? };
    let ranges = ranges(text, largest)?;
    let named = |number: u32| ranges.iter().any(|(from, to)| (*from..=*to).contains(&number));
    let wanted = |(sequence, uid): &(u32, u32)| named(if by_uid { *uid } else { *sequence });
    Some(numbered.filter(wanted).collect())
}

#[cfg(test)]
mod tests {
    use super::chosen;

    #[test]
    fn sets_choose() {
        let view = [10, 20, 30];
        assert_eq!(chosen(&view, "2:*", false), Some(vec![(2, 20), (3, 30)]));
        assert_eq!(chosen(&view, "25:*", true), Some(vec![(3, 30)]));
        assert_eq!(chosen(&view, "99:*", true), Some(vec![(3, 30)]));
        assert_eq!(chosen(&view, "1,30", true), Some(vec![(3, 30)]));
        assert_eq!(chosen(&view, "x", true), None);
    }
}
