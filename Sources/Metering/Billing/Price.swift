import HTTPKit
package import LLM

/// What a model costs, in whole micro-units for a million tokens.
package struct Price: Sendable, Equatable {
    package let inputPerMillion: Int64
    package let outputPerMillion: Int64
    /// For what a vendor reads from its cache; nil if that costs as much as other input.
    package let cachedInputPerMillion: Int64?
    /// Price of tokens that a vendor writes to its cache on a client's demand; nil if unset, which counts as five quarters of
    /// other input.
    package let cacheWritePerMillion: Int64?

    /// For what is billed by call.
    package var perCall = CallPrices()

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
    package init(
        inputPerMillion: Int64, outputPerMillion: Int64, cachedInputPerMillion: Int64? = nil,
        cacheWritePerMillion: Int64? = nil
    ) {
        self.cachedInputPerMillion = cachedInputPerMillion.map { min(max(0, $0), Self.highest) }
        self.cacheWritePerMillion = cacheWritePerMillion.map { min(max(0, $0), Self.highest) }
        self.inputPerMillion = min(max(0, inputPerMillion), Self.highest)
        self.outputPerMillion = min(max(0, outputPerMillion), Self.highest)
    }

    /// The same with the most that a token of a prompt can cost as the price of each.
    package func highestInput(writesCache: Bool) -> Price {
        var price = Price(
            inputPerMillion: max(inputPerMillion, cachedInputPerMillion ?? 0, writesCache ? cacheWrite : 0),
            outputPerMillion: outputPerMillion)
        price.perCall = perCall
        return price
    }

    private var cacheWrite: Int64 { min(cacheWritePerMillion ?? (inputPerMillion * 5 + 3) / 4, Self.highest) }

    /// The cost of a call as its vendor counted it, in micro-units, rounded up.
    package func cost(_ usage: ChatUsage) -> Int64 {
        guard usage.cachedTokens > 0 || usage.cacheWriteTokens > 0 else {
            return cost(inputTokens: usage.promptTokens, outputTokens: usage.completionTokens)
        }
        func part(_ tokens: Int, _ price: Int64) -> Int64 { Int64(min(max(0, tokens), 4_000_000)) * price }
        let fresh = usage.promptTokens - usage.cachedTokens - usage.cacheWriteTokens
        let sum = part(fresh, inputPerMillion)
            .addingSaturated(part(usage.cachedTokens, cachedInputPerMillion ?? inputPerMillion))
            .addingSaturated(part(usage.cacheWriteTokens, cacheWrite))
            .addingSaturated(part(usage.completionTokens, outputPerMillion))
        return sum.addingSaturated(999_999) / 1_000_000
    }

    /// The cost in micro-units, rounded up; token counts beyond any model's are cut.
    package func cost(inputTokens: Int, outputTokens: Int) -> Int64 {
        let (input, output) = (Int64(min(max(0, inputTokens), 4_000_000)), Int64(min(max(0, outputTokens), 4_000_000)))
        return (input * inputPerMillion + output * outputPerMillion + 999_999) / 1_000_000
    }
}
