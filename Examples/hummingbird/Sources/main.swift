import Foundation
import Hummingbird
import MynahAuth
import NIOCore

struct Context: MynahAuthRequestContext, RemoteAddressRequestContext {
    var coreContext: CoreRequestContextStorage
    var mynahIdentity: MynahIdentity?
    let remoteAddress: SocketAddress?

    init(source: Source) {
        coreContext = .init(source: source)
        remoteAddress = source.channel.remoteAddress
    }
}

let environment = ProcessInfo.processInfo.environment
var options = MynahAuth.Options()
options.issuer = environment["MYNAH_ISSUER"]
let mynah = MynahAuth(url: environment["MYNAH_URL"] ?? "http://localhost:8000", options: options)

let router = Router(context: Context.self)
router.get("health") { _, _ in "ok" }
router.group("orders")
    .add(middleware: MynahAuthMiddleware(mynah, scopes: ["read"]))
    .get { _, context in
        let caller = try context.requireMynahIdentity()
        return ["orders_of": caller.userID ?? caller.chatbotID, "role": caller.role.rawValue]
    }

let port = environment["PORT"].flatMap { Int($0) } ?? 3000
try await Application(router: router, configuration: .init(address: .hostname("127.0.0.1", port: port))).runService()
