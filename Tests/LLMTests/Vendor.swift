import TestSupport

typealias Vendor = TestServer

extension TestServer {
    /// A vendor that streams these events, `[DONE]` included, and keeps the connection.
    static func streaming(_ events: String..., done: Bool = true) -> Vendor {
        Vendor { connection in
            while connection.request() != nil {
                connection.startStream()
                for event in events { connection.event(event) }
                if done { connection.event("[DONE]") }
                connection.endStream()
            }
        }
    }

    /// A vendor that answers each request with `Hel`, and then goes on so.
    static func begun(_ rest: @escaping @Sendable (TestServer.Connection) -> Void) -> Vendor {
        Vendor { connection in
            guard connection.request() != nil else { return }
            connection.begin()
            rest(connection)
        }
    }
}

extension TestServer.Connection {
    func begin() {
        startStream()
        delta("Hel")
    }

    @discardableResult
    func delta(_ text: String) -> Bool {
        event(#"{"model":"m","choices":[{"index":0,"delta":{"content":"\#(text)"},"finish_reason":null}]}"#)
    }

    func finish() {
        event(#"{"model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#)
        event("[DONE]")
        endStream()
    }
}
