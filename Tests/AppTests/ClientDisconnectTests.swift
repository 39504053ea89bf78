import Chat
import LLM
import NIOCore
import NIOEmbedded
import Testing

@testable import HTTPKit
@testable import ModelAPI

/// When a client is seen to have left: its connection's events come once, whenever the handler is added.
@Suite struct ClientDisconnectTests {
    private func connection() throws -> (EmbeddedChannel, RunningEmbedding) {
        let channel = EmbeddedChannel()
        try channel.pipeline.syncOperations.addHandler(InputEnd())
        channel.connect(to: try SocketAddress(ipAddress: "127.0.0.1", port: 1), promise: nil)
        return (channel, RunningEmbedding(id: "1"))
    }

    private func watch(_ channel: EmbeddedChannel, _ call: RunningEmbedding) throws {
        try channel.pipeline.syncOperations.addHandler(ClientDisconnectHandler(call), position: .first)
    }

    @Test(
        "A client that sends nothing more has left, before the handler is added as well as after",
        arguments: [true, false])
    func noMoreInput(isEarly: Bool) throws {
        let (channel, call) = try connection()
        if !isEarly { try watch(channel, call) }
        #expect(!call.callerLeft)
        channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        if isEarly { try watch(channel, call) }
        #expect(call.callerLeft)
        _ = try? channel.finish()
    }

    @Test("So has one whose connection has closed, even if the pipeline is still there", arguments: [true, false])
    func closed(isEarly: Bool) throws {
        let (channel, call) = try connection()
        if !isEarly { try watch(channel, call) }
        #expect(!call.callerLeft)
        channel.close(promise: nil)
        if isEarly { try watch(channel, call) }
        #expect(call.callerLeft)
    }

    @Test("Another event is none, and one that is there stays")
    func stays() throws {
        let (channel, call) = try connection()
        channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.outputClosed)
        try watch(channel, call)
        #expect(!call.callerLeft)
        _ = try? channel.finish()
    }
}
