import Synchronization

/// A value that is made when it is first asked for. Most servers are never asked for some of them, and none at its start.
final class MadeOnce<Value: Sendable>: Sendable {
    private let make: @Sendable () throws -> Value
    private let made = Mutex<Value?>(nil)

    init(_ make: @escaping @Sendable () throws -> Value) { self.make = make }

    var value: Value {
        get throws {
            try made.withLock { made in
                let value = try made ?? make()
                made = value
                return value
            }
        }
    }
}
