//! Amounts as Kubernetes writes them.

/// Bytes with the largest binary unit that holds them exactly.
#[must_use]
pub fn bytes(amount: i64) -> String {
    const UNITS: [(&str, u32); 5] = [("Pi", 50), ("Ti", 40), ("Gi", 30), ("Mi", 20), ("Ki", 10)];
    let unit = UNITS.iter().find(|(_, shift)| amount != 0 && amount % (1_i64 << shift) == 0);
    unit.map_or_else(|| amount.to_string(), |(unit, shift)| format!("{}{unit}", amount >> shift))
}

/// Processors, from thousandths of one.
#[must_use]
pub fn processors(thousandths: i64) -> String {
    if thousandths % 1000 == 0 { (thousandths / 1000).to_string() } else { format!("{thousandths}m") }
}

/// Whole seconds, rounded up, of a number of nanoseconds.
#[must_use]
pub fn seconds(nanoseconds: i64) -> i64 {
    const SECOND: i64 = 1_000_000_000;
    nanoseconds.div_euclid(SECOND) + i64::from(nanoseconds.rem_euclid(SECOND) != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_take_the_largest_exact_unit() {
        let written = [0, 1000, 1024, 50 << 20, (1 << 30) + 1, 3 << 30].map(bytes);
        assert_eq!(written, ["0", "1000", "1Ki", "50Mi", "1073741825", "3Gi"]);
    }

    #[test]
    fn processors_are_whole_or_in_thousandths() {
        assert_eq!([100, 2000, 1500].map(processors), ["100m", "2", "1500m"]);
    }

    #[test]
    fn seconds_are_rounded_up() {
        assert_eq!([0, 1, 1_000_000_000, 1_000_000_001].map(seconds), [0, 1, 1, 2]);
    }
}
