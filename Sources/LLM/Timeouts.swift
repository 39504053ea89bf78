import Upstream

package struct Timeouts: Sendable {
    /// For the name, the connection and TLS together; applied by `UpstreamClient`.
    package var connect: Duration
    /// Maximum time from the call to the first piece of text.
    package var firstToken: Duration
    /// Between two events after that.
    package var idle: Duration
    package var total: Duration

    package init(
        connect: Duration = UpstreamClient.defaultConnectTimeout,
        firstToken: Duration = .seconds(60),
        idle: Duration = .seconds(30),
        total: Duration = .seconds(300)
    ) {
        self.connect = connect
        self.firstToken = firstToken
        self.idle = idle
        self.total = total
    }
}
