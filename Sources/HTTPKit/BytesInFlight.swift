import Synchronization

/// Bytes that requests hold in memory, bounded for each account and for the process: bodies and what is made of them,
/// the prompts of running calls, and answers whose readers are behind.
package final class BytesInFlight: Sendable {
    package struct Bounds: Sendable, Equatable {
        /// Maximum for the process, in bytes.
        package var process = 256 << 20
        /// Maximum for one account, in bytes.
        package var account = 128 << 20
        /// Bytes a second that a reader must take for its connection to be kept; 0 keeps every reader.
        package var slowestRead = 4096

        package init(process: Int = 256 << 20, account: Int = 128 << 20, slowestRead: Int = 4096) {
            self.process = process
            self.account = account
            self.slowestRead = slowestRead
        }

        /// An address without valid credentials.
        package var stranger: Int { account / 8 }
        /// All such addresses together.
        package var strangers: Int { process / 4 }

        fileprivate func share(of account: Account) -> Int { account.isStranger ? stranger : self.account }
    }

    package enum Kind: String, Sendable, CaseIterable { case body, prompt, backlog, answer }

    /// Who holds them.
    package struct Account: Sendable, Hashable {
        package let name: String
        /// Whether no known account is behind the name.
        package let isStranger: Bool
    }

    /// What may be held, and is counted, only beyond this size: small requests go on when nothing is left.
    package static let small = 64 << 10

    package struct Reading: Sendable {
        package let bounds: Bounds
        package let held: [(kind: Kind, bytes: Int)]
        /// The most that one account holds.
        package let largestAccount: Int
        package let refused: (accounts: Int, process: Int)
    }

    private struct State {
        var total = 0
        var ofStrangers = 0
        var accounts: [Account: Int] = [:]
        var kinds: [Kind: Int] = [:]
        var refused = (accounts: 0, process: 0)
    }

    package let bounds: Bounds
    private let state = Mutex(State())

    package init(_ bounds: Bounds = Bounds()) {
        self.bounds = Bounds(
            process: bounds.process, account: min(bounds.account, bounds.process), slowestRead: bounds.slowestRead)
    }

    /// Holds bytes until the result is released. Throws `too_large` for more than any request may hold,
    /// `too_much_at_once` if the account holds its share, and `overloaded` if the process does.
    package func hold(_ bytes: Int, _ kind: Kind, for account: Account) throws(APIError) -> HeldBytes {
        let held = HeldBytes(self, kind, account)
        try held.resize(to: bytes)
        return held
    }

    /// Whether the account's own calls leave no room for so many more bytes, which they will when they end.
    fileprivate func isFull(for account: Account, _ bytes: Int) -> Bool {
        let share = bounds.share(of: account)
        return bytes > Self.small && bytes <= share && state.withLock { $0.accounts[account] ?? 0 } > share - bytes
    }

    package var reading: Reading {
        state.withLock { state in
            Reading(
                bounds: bounds, held: Kind.allCases.map { ($0, state.kinds[$0] ?? 0) },
                largestAccount: state.accounts.values.max() ?? 0, refused: state.refused)
        }
    }

    /// - Parameter isRefusable: whether the change fails if there is no room for it.
    fileprivate func change(
        _ account: Account, _ kind: Kind, by bytes: Int, isRefusable: Bool
    ) throws(APIError) {
        let share = bounds.share(of: account)
        let refusal: APIError? = state.withLock { state in
            let held = state.accounts[account] ?? 0
            if bytes > 0, isRefusable {
                if bytes > share { return APIError(.tooLarge) }
                if held + bytes > share {
                    state.refused.accounts += 1
                    return APIError(.tooMuchAtOnce, retryAfter: 2)
                }
                if state.total + bytes > bounds.process
                    || account.isStranger && state.ofStrangers + bytes > bounds.strangers
                {
                    state.refused.process += 1
                    return APIError(.overloaded, retryAfter: 5)
                }
            }
            state.total += bytes
            if account.isStranger { state.ofStrangers += bytes }
            state.accounts[account] = held + bytes == 0 ? nil : held + bytes
            state.kinds[kind, default: 0] += bytes
            return nil
        }
        if let refusal { throw refusal }
    }
}

/// Bytes that are held for one purpose, until this is no longer referred to.
package final class HeldBytes: Sendable {
    private let owner: BytesInFlight
    private let kind: BytesInFlight.Kind
    private let account: BytesInFlight.Account
    /// As counted: 0 for what is small.
    private let counted = Mutex(0)

    fileprivate init(_ owner: BytesInFlight, _ kind: BytesInFlight.Kind, _ account: BytesInFlight.Account) {
        self.owner = owner
        self.kind = kind
        self.account = account
    }

    deinit {
        let bytes = counted.withLock { $0 }
        if bytes > 0 { try? owner.change(account, kind, by: -bytes, isRefusable: false) }
    }

    /// Throws as `BytesInFlight.hold` does if there is no room for more; then it holds what it held before.
    package func resize(to bytes: Int, isRefusable: Bool = true) throws(APIError) {
        let wanted = bytes > BytesInFlight.small ? bytes : 0
        // Two changes of one holding at once do not overtake each other.
        let failure: APIError? = counted.withLock { counted in
            guard wanted != counted else { return nil }
            do throws(APIError) {
                try owner.change(account, kind, by: wanted - counted, isRefusable: isRefusable)
            } catch {
                return error
            }
            counted = wanted
            return nil
        }
        if let failure { throw failure }
    }
}

/// What one request holds, and at whose account.
package final class CallMemory: Sendable {
    private struct State {
        var account: BytesInFlight.Account
        var body: HeldBytes?
    }

    /// Bytes of memory for each byte of a body: its text as it came, decoded, and encoded again for what it is sent to.
    private static let perByte = 3
    /// For each comma, colon and bracket outside of texts, as a bound of what the values between them take.
    private static let perValue = 64

    /// How long a body waits, unread, for the account's other calls to end.
    private static let patience = Duration.seconds(2)

    package let bytes: BytesInFlight
    private let state: Mutex<State>

    package init(_ bytes: BytesInFlight, address: String) {
        self.bytes = bytes
        state = Mutex(State(account: BytesInFlight.Account(name: address, isStranger: true)))
    }

    package var account: BytesInFlight.Account { state.withLock { $0.account } }

    /// Sets the caller's account: the bytes held count against it from now on.
    package func belongs(to name: String) {
        state.withLock { $0.account = BytesInFlight.Account(name: name, isStranger: false) }
    }

    package func hold(_ bytes: Int, _ kind: BytesInFlight.Kind) throws(APIError) -> HeldBytes {
        try self.bytes.hold(bytes, kind, for: account)
    }

    /// Makes room for a body of so many bytes before it is read, and waits a moment if the account's other calls take it.
    /// Throws as `holdBody` does.
    package func awaitRoom(forBody count: Int) async throws(APIError) {
        let deadline = ContinuousClock.now + Self.patience
        while bytes.isFull(for: account, count * Self.perByte), ContinuousClock.now < deadline {
            guard (try? await Task.sleep(for: .milliseconds(20))) != nil else { break }
        }
        try holdBody(bytes: count)
    }

    /// Makes room for a body of so many bytes. Throws as `BytesInFlight.hold` does.
    package func holdBody(bytes count: Int) throws(APIError) {
        // Most bodies are small, and cost nothing here.
        guard count > BytesInFlight.small / Self.perByte else { return }
        if let held = state.withLock({ $0.body }) { return try held.resize(to: count * Self.perByte) }
        let held = try hold(count * Self.perByte, .body)
        state.withLock { $0.body = held }
    }

    /// Makes room for what a body is decoded to, by a bound of the number of its values.
    package func holdDecoded(_ body: UnsafeRawBufferPointer) throws(APIError) {
        guard let held = state.withLock({ $0.body }) else { return }
        var (values, isText, isEscaped) = (0, false, false)
        for byte in body {
            switch byte {
            case _ where isEscaped: isEscaped = false
            case UInt8(ascii: "\\") where isText: isEscaped = true
            case UInt8(ascii: "\""): isText.toggle()
            case _ where isText: break
            case UInt8(ascii: ","), UInt8(ascii: ":"), UInt8(ascii: "["), UInt8(ascii: "{"), UInt8(ascii: "&"):
                values += 1
            default: break
            }
        }
        try held.resize(to: body.count * Self.perByte + values * Self.perValue)
    }

    /// The body itself has been let go; what was decoded of it takes as many bytes, and as many again on the way to a
    /// model.
    package func keepDecoded(bytes count: Int) {
        try? state.withLock { $0.body }?.resize(to: count * (Self.perByte - 1), isRefusable: false)
    }

    /// What is held for the body, for a task that outlives the request.
    package var body: HeldBytes? { state.withLock { $0.body } }
}
