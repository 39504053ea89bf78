/// Whether one target is asked again, and when.
struct Backoff {
    private static let base = Duration.milliseconds(250)
    private static let longest = Duration.seconds(4)
    /// A vendor that asks for more time than this is left alone, as the next target may answer at once.
    private static let patience = Duration.seconds(10)
    private static let retries = 2

    private var made = 0

    /// How long to wait before the next attempt at the target that failed so. Returns nil if there is none.
    mutating func delay(after error: ProviderError, random: Double) -> Duration? {
        // Who was silent for so long that it timed out is not waited for a second time.
        let most = error.kind == .emptyReply ? Gateway.emptyReplies - 1 : Self.retries
        guard error.retryable, error.kind != .timeout, made < most,
            error.retryAfter ?? .zero <= Self.patience
        else { return nil }
        let ceiling = min(Self.base * (1 << made), Self.longest)
        made += 1
        // Chance from zero up to the whole: callers who failed together do not come back together.
        return max(ceiling * random, error.retryAfter ?? .zero)
    }
}

extension ProviderError {
    /// Selects, for a chain that failed, the error that best tells the caller what to do: wait, shorten or give up.
    func isOutweighed(by other: ProviderError) -> Bool { other.kind.weight >= kind.weight }

    /// Whether another target would be asked in vain, as the fault lies in the request.
    var isFinal: Bool { kind == .refused || kind == .contextTooLong }
}

extension ProviderError.Kind {
    fileprivate var weight: Int {
        switch self {
        case .refused, .contextTooLong: 6
        case .rateLimited: 5
        case .loading: 4
        case .timeout: 3
        case .emptyReply, .invalidReply: 2
        case .unavailable: 1
        case .misconfigured: 0
        case .notFound: 2
        }
    }
}
