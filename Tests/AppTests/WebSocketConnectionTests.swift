import HTTPTypes
import NIOCore
import NIOEmbedded
import NIOHTTPTypes
import NIOWebSocket
import Testing

@testable import App
@testable import HTTPKit

/// The times that a WebSocket keeps, on a clock of the test's own.
@Suite struct WebSocketConnectionTests {
    private func connection() throws -> EmbeddedChannel {
        let channel = EmbeddedChannel()
        try channel.pipeline.syncOperations.addHandler(WebSocketConnection(.init()))
        channel.connect(to: try SocketAddress(ipAddress: "127.0.0.1", port: 1), promise: nil)
        return channel
    }

    private func frame(_ opcode: WebSocketOpcode, _ text: String = "", fin: Bool = true) -> WebSocketFrame {
        WebSocketFrame(fin: fin, opcode: opcode, maskKey: [0, 0, 0, 0], data: ByteBuffer(string: text))
    }

    private func sent(_ channel: EmbeddedChannel) throws -> [WebSocketOpcode] {
        var opcodes: [WebSocketOpcode] = []
        while let frame = try channel.readOutbound(as: WebSocketFrame.self) { opcodes.append(frame.opcode) }
        return opcodes
    }

    @Test("A ping every 20 seconds; a peer that answers stays, for hours")
    func pings() throws {
        let channel = try connection()
        for _ in 0..<1000 {
            channel.embeddedEventLoop.advanceTime(by: .seconds(20))
            #expect(try sent(channel) == [.ping])
            try channel.writeInbound(frame(.pong))
        }
        #expect(channel.isActive)
        _ = try? channel.finish()
    }

    @Test("A peer from which nothing comes for 60 seconds is gone")
    func silence() throws {
        let channel = try connection()
        channel.embeddedEventLoop.advanceTime(by: .seconds(59))
        #expect(channel.isActive)
        channel.embeddedEventLoop.advanceTime(by: .seconds(1))
        #expect(!channel.isActive)
        _ = try? channel.finish()
    }

    @Test("A farewell that is not answered ends after two seconds, one that is answered at once")
    func farewells() throws {
        for isAnswered in [true, false] {
            let channel = try connection()
            try channel.writeOutbound(HTTPResponsePart.end([.closeCode: "1008"]))
            let farewell = try #require(try channel.readOutbound(as: WebSocketFrame.self))
            #expect(farewell.opcode == .connectionClose && farewell.data.getInteger(at: 0, as: UInt16.self) == 1008)
            #expect(channel.isActive)
            if isAnswered { try channel.writeInbound(frame(.connectionClose)) }
            #expect(channel.isActive == !isAnswered)
            channel.embeddedEventLoop.advanceTime(by: .seconds(2))
            #expect(!channel.isActive)
            _ = try? channel.finish()
        }
    }

    @Test("When the server stops, the reader of messages is told, and has five seconds for its goodbye")
    func quiescing() throws {
        let channel = try connection()
        channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        #expect(try channel.readInbound(as: HTTPRequestPart.self) == .end(nil))
        try channel.writeOutbound(HTTPResponsePart.body(ByteBuffer(string: "{}")))
        #expect(try sent(channel) == [.text])
        channel.embeddedEventLoop.advanceTime(by: .seconds(5))
        #expect(!channel.isActive)
        _ = try? channel.finish()
    }

    @Test("Nothing is said after the farewell, and nothing that comes then is heard")
    func afterwards() throws {
        let channel = try connection()
        try channel.writeInbound(frame(.binary, "x"))
        #expect(try sent(channel) == [.connectionClose])
        #expect(try channel.readInbound(as: HTTPRequestPart.self) == .end(nil))
        try channel.writeInbound(frame(.text, "{}"))
        #expect(try channel.readInbound(as: HTTPRequestPart.self) == nil)
        #expect(throws: (any Error).self) { try channel.writeOutbound(HTTPResponsePart.body(ByteBuffer(string: "{}"))) }
        #expect(try sent(channel).isEmpty)
        _ = try? channel.finish()
    }
}
