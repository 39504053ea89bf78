import Upstream

package struct Timeouts: Sendable, Equatable {
    /// For the name, the connection and TLS together; applied by `UpstreamClient`.
    package var connect: Duration
    /// Maximum time from the call to the first piece of text.
    package var firstToken: Duration
    /// Between two signs of life after that. Comments are such signs as well: before the first piece of text, a vendor that
    /// sends them has this long after each.
    package var idle: Duration
    package var total: Duration

    package init(
        connect: Duration = UpstreamClient.defaultConnectTimeout,
        firstToken: Duration = .seconds(120),
        idle: Duration = .seconds(30),
        total: Duration = .seconds(300)
    ) {
        self.connect = connect
        self.firstToken = firstToken
        self.idle = idle
        self.total = total
    }

    /// The same, none of them longer than `total`.
    package func within(_ total: Duration) -> Timeouts {
        Timeouts(connect: connect, firstToken: min(firstToken, total), idle: min(idle, total), total: total)
    }
}
