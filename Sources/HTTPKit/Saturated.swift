extension FixedWidthInteger {
    /// The sum, or the greatest or least number if it is beyond that: for counts and amounts that come from outside.
    package func addingSaturated(_ other: Self) -> Self {
        let (sum, overflows) = addingReportingOverflow(other)
        return overflows ? other < 0 ? .min : .max : sum
    }

    /// The product, or the greatest or least number if it is beyond that.
    package func multipliedSaturated(by other: Self) -> Self {
        let (product, overflows) = multipliedReportingOverflow(by: other)
        return overflows ? (self < 0) == (other < 0) ? .max : .min : product
    }
}

extension Sequence {
    /// The sum of a value of each element, or the greatest or least number if it is beyond that.
    package func saturatedSum(_ value: (Element) -> Int64) -> Int64 { reduce(0) { $0.addingSaturated(value($1)) } }
}
