package struct Timeouts: Sendable {
    /// Applied by the HTTP client: see `HTTPClient.Configuration.upstream`.
    package var connect: Duration
    /// From the call to the first piece of text.
    package var firstToken: Duration
    /// Between two events after that.
    package var idle: Duration
    package var total: Duration

    package init(
        connect: Duration = .seconds(5),
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
