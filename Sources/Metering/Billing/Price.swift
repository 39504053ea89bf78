/// What a model costs, in whole micro-units for a million tokens.
package struct Price: Sendable, Equatable {
    package let inputPerMillion: Int64
    package let outputPerMillion: Int64

    package static let free = Price(inputPerMillion: 0, outputPerMillion: 0)
    /// Bounds every product below, so that none overflows.
    package static let highest: Int64 = 1_000_000_000_000

    /// As `DEFAULT_PRICE` spells it: `150000/600000`, or one number for both.
    package init?(_ text: String) {
        let numbers = text.split(separator: "/", omittingEmptySubsequences: false).map { Int64($0) }
        guard (1...2).contains(numbers.count), let input = numbers[0], let output = numbers[numbers.count - 1],
            (0...Self.highest).contains(input), (0...Self.highest).contains(output)
        else { return nil }
        self.init(inputPerMillion: input, outputPerMillion: output)
    }

    /// A price out of bounds, which the database could hold, counts as the lowest or the highest.
    package init(inputPerMillion: Int64, outputPerMillion: Int64) {
        self.inputPerMillion = min(max(0, inputPerMillion), Self.highest)
        self.outputPerMillion = min(max(0, outputPerMillion), Self.highest)
    }

    /// In micro-units, rounded up; token counts beyond any model's are cut.
    package func cost(inputTokens: Int, outputTokens: Int) -> Int64 {
        let (input, output) = (Int64(min(max(0, inputTokens), 4_000_000)), Int64(min(max(0, outputTokens), 4_000_000)))
        return (input * inputPerMillion + output * outputPerMillion + 999_999) / 1_000_000
    }
}
