import CHiredis
import Foundation

#if canImport(Glibc)
    import Glibc
#endif

/// One connection to Redis. Used by one thread.
package final class RedisConnection {
    /// For a connection, and for what it says first.
    private static let greetingTime = Duration.milliseconds(500)

    private let context: UnsafeMutablePointer<redisContext>
    private var script = ""

    package init(_ server: RedisServer) throws(RedisError) {
        guard let context = redisConnectWithTimeout(server.host, Int32(server.port), Self.greetingTime.timeval) else {
            throw RedisError("no memory for a connection")
        }
        self.context = context
        try check()
        guard redisSetTimeout(context, Self.greetingTime.timeval) == REDIS_OK else {
            throw RedisError("no time limit can be set")
        }
        _ = try exchange(server.greeting, within: Self.greetingTime)
    }

    package convenience init(_ server: RedisServer, _ script: RedisScript) throws(RedisError) {
        try self.init(server)
        let replies = try exchange([["SCRIPT", "LOAD", script.text]], within: Self.greetingTime)
        guard case .text(let hash)? = replies.first else { throw RedisError("the script was not taken") }
        self.script = hash
        // A Redis that answers but cannot count, such as one that is full or only follows another, is none.
        _ = try run([.script(script.probe.keys, script.probe.arguments)], within: Self.greetingTime)
    }

    deinit { redisFree(context) }

    /// The replies to all commands, which travel together.
    package func run(_ commands: [RedisCommand], within time: Duration) throws(RedisError) -> [RedisReply] {
        try exchange(
            commands.map { command in
                switch command {
                case .plain(let words): words
                case .script(let keys, let values): ["EVALSHA", script, String(keys.count)] + keys + values
                }
            }, within: time)
    }

    /// From now on the connection only receives what others send to the channel.
    package func subscribe(to channel: String) throws(RedisError) {
        _ = try exchange([["SUBSCRIBE", channel]], within: Self.greetingTime)
    }

    /// What comes next on the channel; nil if nothing comes in time.
    package func nextText(within time: Duration) throws(RedisError) -> String? {
        let deadline = ContinuousClock.now + time
        while true {
            if case .texts(let words)? = try nextReply() { return words.last }
            guard isReadable(before: deadline) else { return nil }
            guard redisBufferRead(context) == REDIS_OK else { throw failure }
        }
    }

    private func exchange(_ commands: [[String]], within time: Duration) throws(RedisError) -> [RedisReply] {
        let deadline = ContinuousClock.now + time
        for command in commands { try append(command) }
        var isSent: Int32 = 0
        while isSent == 0 {
            guard redisBufferWrite(context, &isSent) == REDIS_OK else { throw failure }
        }
        var replies: [RedisReply] = []
        while replies.count < commands.count {
            if let reply = try nextReply() {
                replies.append(reply)
            } else {
                guard isReadable(before: deadline) else { throw RedisError("no answer in time") }
                guard redisBufferRead(context) == REDIS_OK else { throw failure }
            }
        }
        return replies
    }

    /// A reply among what has been read; nil if there is no whole one.
    private func nextReply() throws(RedisError) -> RedisReply? {
        var reply: UnsafeMutableRawPointer?
        guard redisReaderGetReply(context.pointee.reader, &reply) == REDIS_OK else {
            throw RedisError("what came is no reply of Redis")
        }
        guard let reply else { return nil }
        defer { freeReplyObject(reply) }
        return try Self.read(reply.assumingMemoryBound(to: redisReply.self).pointee)
    }

    private func append(_ words: [String]) throws(RedisError) {
        let copies = words.map { strdup($0) }
        defer { for copy in copies { free(copy) } }
        var pointers = copies.map { UnsafePointer($0) }
        let lengths = words.map(\.utf8.count)
        guard redisAppendCommandArgv(context, Int32(words.count), &pointers, lengths) == REDIS_OK else {
            throw failure
        }
    }

    private func isReadable(before deadline: ContinuousClock.Instant) -> Bool {
        let left = deadline - .now
        var waiting = pollfd(fd: context.pointee.fd, events: Int16(POLLIN), revents: 0)
        let milliseconds = Int32((left / .milliseconds(1)).rounded(.up))
        return milliseconds > 0 && poll(&waiting, 1, milliseconds) > 0
    }

    private static func read(_ reply: redisReply) throws(RedisError) -> RedisReply {
        switch reply.type {
        case REDIS_REPLY_INTEGER: return .integers([reply.integer])
        case REDIS_REPLY_NIL: return .null
        case REDIS_REPLY_STATUS, REDIS_REPLY_STRING: return .text(text(reply))
        case REDIS_REPLY_ARRAY:
            let elements = (0..<Int(reply.elements)).compactMap { reply.element[$0]?.pointee }
            guard elements.allSatisfy({ $0.type == REDIS_REPLY_STRING }) else {
                return .integers(elements.compactMap { $0.type == REDIS_REPLY_INTEGER ? $0.integer : nil })
            }
            return .texts(elements.map(text))
        // What Redis says against a password does not repeat it.
        case REDIS_REPLY_ERROR: throw RedisError(text(reply))
        default: throw RedisError("a reply of type \(reply.type)")
        }
    }

    private static func text(_ reply: redisReply) -> String {
        String(decoding: UnsafeRawBufferPointer(start: reply.str, count: Int(reply.len)), as: UTF8.self)
    }

    private func check() throws(RedisError) { if context.pointee.err != 0 { throw failure } }

    private var failure: RedisError {
        withUnsafeBytes(of: context.pointee.errstr) { bytes in
            RedisError(String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self))
        }
    }
}

extension Duration {
    fileprivate var timeval: Glibc.timeval {
        .init(tv_sec: Int(components.seconds), tv_usec: Int(components.attoseconds / 1_000_000_000_000))
    }
}
