package import HTTPKit
import HTTPTypes
package import Platform

/// The page that the first start's link leads to, and what it sends.
package struct SetupRoutes: Sendable {
    package let setup: Setup
    package let access: AccessRoutes

    package init(setup: Setup, access: AccessRoutes) {
        self.setup = setup
        self.access = access
    }

    package func create(_ who: AnonymousCaller, _ input: Setup.FirstAdmin) async throws -> OperatorAccount {
        guard try await setup.isOpen(input.token) else { throw Self.closed }
        try access.refuseCommon(input.password, param: "password")
        let hash = try await access.signIn.hash(input.password)
        return try await setup.create(input, passwordHash: hash, for: who.call)
    }

    package static var closed: APIError {
        APIError(
            .invalidLink,
            "This link is not valid, or there is an admin already. As long as there is none, each start of the server "
                + "shows a new link.")
    }
}

extension SetupRoutes {
    package var table: [Route] {
        [
            Route(
                .post, "/setup", .signUp.audit(.entry), id: "create_first_admin", "Create the first admin",
                about: "Works once, with the token of the link that the server printed at its last start, and only "
                    + "while there is no admin.",
                create, .created,
                errors: [.invalidLink, .passwordTooCommon, .overloaded])
        ].tagged(.administration)
    }
}
