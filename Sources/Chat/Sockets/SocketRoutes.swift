import Crypto
import Foundation
package import HTTPKit
package import HTTPTypes
package import Hummingbird
package import Platform
import Storage

/// Opening WebSockets.
package struct SocketRoutes: Sendable {
    package let chat: ChatRoutes
    package let sockets: OpenSockets
    package let gate: AddressGate
    /// Whose pages may open one, besides the server's own.
    package let origins: Set<String>

    package init(chat: ChatRoutes, sockets: OpenSockets, gate: AddressGate, origins: Set<String>) {
        self.chat = chat
        self.sockets = sockets
        self.gate = gate
        self.origins = origins
    }

    package func ticket(_ who: SessionCaller) async throws -> Ticket {
        try await chat.database.write(.system) { tx in
            try Ticket.issue(tx, sessionID: who.sessionID, now: .now)
        }
    }

    package struct Open: Input, Ruled {
        package let ticket: String?
        package static var rules: [String: Rule] { ["ticket": .note("From `POST /chat/ws-ticket`.")] }
    }

    package func open(_ who: AnonymousCaller, _ input: Open) async throws -> SocketUpgrade {
        let key = try Self.handshakeKey(who.call)
        try refuseForeignPages(who.call)
        guard !chat.turn.replies.isClosing else { throw APIError(.shuttingDown, retryAfter: 5) }
        guard let ticket = input.ticket else {
            throw APIError(.missingCredentials, "Get a ticket first: POST /chat/ws-ticket.", param: "ticket")
        }
        let live = try await chat.database.write(.system) { tx in try Ticket.redeem(tx, ticket, now: .now) }
        guard let live else { throw APIError(.invalidTicket, param: "ticket") }
        let user = try await UserCaller(who.call, live.caller(.token))
        who.call.memory.belongs(to: user.caller.userID)
        let session = SocketSession(
            chat: chat, who: user, sockets: sockets, gate: gate, sessionID: live.sessionID,
            place: try sockets.place(for: user.caller.userID))
        return SocketUpgrade(key: key, session: session)
    }

    /// The client's half of the handshake (RFC 6455, 4.2.1).
    private static func handshakeKey(_ call: Call) throws -> String {
        let headers = call.request.headers
        guard call.request.method == .get, headers.has("websocket", in: .upgrade),
            headers.has("upgrade", in: .connection), headers[.secWebSocketVersion] == "13"
        else { throw APIError(.upgradeRequired) }
        guard let key = headers[.secWebSocketKey], Data(base64Encoded: key)?.count == 16 else {
            throw APIError(.invalidHandshake)
        }
        return key
    }

    /// Browsers always say which page opens a socket; who else holds a ticket has got it from the server itself.
    private func refuseForeignPages(_ call: Call) throws {
        guard let origin = call.header(.origin), !origins.contains(origin) else { return }
        do {
            try call.authenticator.refuseForeignOrigin(call)
        } catch {
            throw APIError(.originRefused, "Pages of this website may not open a WebSocket here.")
        }
    }
}

/// The answer that makes a WebSocket of the request's connection.
package struct SocketUpgrade: Output {
    package let key: String
    package let session: SocketSession

    package static var schema: Schema? { nil }
    package static var mediaTypes: [String] { [] }

    package func response(_ status: HTTPResponse.Status) -> Response {
        // The constant is RFC 6455's own.
        let accepted = Insecure.SHA1.hash(data: Data((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8))
        return Response(
            status: status,
            headers: [
                .connection: "Upgrade", .upgrade: "websocket",
                .secWebSocketAccept: Data(accepted).base64EncodedString(),
            ],
            body: ResponseBody { writer in
                let end = try await session.run(&writer)
                try await writer.finish([.closeCode: String(end.rawValue)])
            })
    }
}

extension SocketRoutes {
    package var table: [Route] {
        [
            Route(
                .post, "/chat/ws-ticket", .chat.audit(.none), id: "create_socket_ticket",
                "Get a ticket for a WebSocket",
                about: "Valid once, for 60 seconds. Browsers cannot send headers with a WebSocket.",
                ticket),
            Route(
                .get, "/chat/ws", .readChat, id: "open_socket", "Open a WebSocket",
                about: "Takes the ticket in the query and carries the same events as a stream.",
                open, .switchingProtocols,
                errors: [
                    .upgradeRequired, .invalidHandshake, .missingCredentials, .invalidTicket, .originRefused,
                    .shuttingDown,
                ]),
        ].tagged(.chat)
    }
}
