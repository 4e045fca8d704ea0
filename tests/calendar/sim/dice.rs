//! Numbers that look thrown and are the same for the same seed: splitmix64.

/// A stream of numbers.
#[derive(Debug, Clone)]
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Less than `most`, which is not 0.
    pub fn below(&mut self, most: u64) -> u64 {
        self.next() % most
    }

    /// True so many times of a hundred.
    pub fn chance(&mut self, of_a_hundred: u64) -> bool {
        self.below(100) < of_a_hundred
    }

    /// One of these.
    pub fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[usize::try_from(self.below(from.len() as u64)).unwrap()]
    }
}

#[test]
fn the_same_seed_throws_the_same_and_another_one_does_not() {
    let thrown = |seed| (0..4).scan(Dice::new(seed), |dice, _| Some(dice.next())).collect::<Vec<_>>();
    assert_eq!(thrown(7), thrown(7));
    assert_ne!(thrown(7), thrown(8));
    assert_eq!(thrown(0)[0], 0xe220_a839_7b1d_cdaf, "as splitmix64 is published");
}
