package import HTTPKit
import HTTPTypes
package import Platform
package import Storage

/// Someone in person, who may change how they sign in: a user or an operator.
package protocol AccountHolder: Context {
    var realm: Realm { get }
    var accountID: String { get }
    /// Whether the sign-in is so recent that no password is asked for.
    var isFresh: Bool { get }
    /// Throws `invalidToken` unless the session still stands; until the transaction is over, it does.
    func holdCredential(_ tx: Transaction) throws
}

extension SessionCaller: AccountHolder {
    package var realm: Realm { .users }
    package var accountID: String { caller.userID }
}

extension OwnOperator: AccountHolder {
    package var realm: Realm { Realm(caller.role) }
    package var accountID: String { caller.id }
    package func holdCredential(_ tx: Transaction) throws { try caller.holdSession(tx) }
    package var isFresh: Bool { Session.isFresh(since: caller.signedInAt) }
}

/// Setting up a second factor, and doing without it again.
package struct SecondFactorRoutes<Who: AccountHolder>: Sendable {
    package let database: Database
    package let signIn: SignIn

    package init(database: Database, signIn: SignIn) {
        self.database = database
        self.signIn = signIn
    }

    /// - Parameter policy: Of changes: a code can be guessed.
    /// - Parameter name: Distinguishes the operations of the realms, such as `admin_`.
    /// - Parameter whose: "my", or whose second factor it is.
    package func table(at path: String, _ policy: RoutePolicy, named name: String = "", whose: String = "my") -> [Route]
    {
        [
            Route(
                .get, path, .read, id: "get_\(name)second_factor", "Get the state of \(whose) second factor",
                about: "Whether it is set up, since when, and how many recovery codes are left.", state),
            Route(
                .post, path, policy, id: "set_up_\(name)second_factor", "Set up \(whose) second factor",
                about: "Returns a secret for an authenticator. It has no effect until a code confirms it.", offer,
                .created, errors: [.conflict, .reauthenticationRequired, .wrongPassword, .overloaded]),
            Route(
                .post, "\(path)/confirm", policy, id: "confirm_\(name)second_factor",
                "Confirm \(whose) second factor",
                about: "Every later sign-in needs a code. Returns the recovery codes, once.", confirm,
                errors: [.conflict]),
            Route(
                .delete, path, policy, id: "remove_\(name)second_factor", "Remove \(whose) second factor",
                about: "Asks for the password. The recovery codes are void, too.", remove, .noContent,
                errors: [.notFound, .wrongPassword, .overloaded]),
        ].tagged(.secondFactor)
    }

    package func state(_ who: Who) async throws -> SecondFactor.State {
        let (realm, id) = (who.realm, who.accountID)
        return try await database.read(.system) { tx in try SecondFactor.state(tx, realm: realm, accountID: id) }
    }

    /// A secret that counts for nothing until a code of it has been sent back.
    package func offer(_ who: Who, _ input: SecondFactor.Offering) async throws -> SecondFactor.Offer {
        try await signIn.requireFreshness(who, input.password)
        let totp = TOTP(secret: SecondFactor.makeSecret())
        let encrypted = try signIn.secrets.encrypt(totp.secret)
        let (realm, id) = (who.realm, who.accountID)
        let name = try await database.write(.system) { tx in
            try who.holdCredential(tx)
            guard try SecondFactor.offer(tx, realm: realm, accountID: id, secret: encrypted, now: .now) else {
                throw Self.alreadyConfirmed
            }
            return try Account.name(tx, in: realm, id: id)
        }
        return SecondFactor.Offer(secret: Base32.encode(totp.secret), otpauthURI: totp.uri(account: name ?? id))
    }

    package func confirm(_ who: Who, _ input: SecondFactor.Confirmation) async throws -> SecondFactor.RecoveryCodes {
        let (realm, id) = (who.realm, who.accountID)
        let factor = try await database.read(.system) { tx in
            try SecondFactor.find(tx, realm: realm, accountID: id)
        }
        guard let factor else { throw APIError(.conflict, "There is no second factor to confirm. Set one up first.") }
        guard !factor.isConfirmed else { throw Self.alreadyConfirmed }
        let totp = TOTP(secret: try signIn.secrets.decrypt(factor.secret))
        guard let step = totp.step(of: SecondFactor.typed(input.code), now: .now) else {
            throw APIError.invalid("code", "This is not the code of now. Check the authenticator's clock.")
        }
        let codes = (0..<SecondFactor.recoveryCodes).map { _ in SecondFactor.makeRecoveryCode() }
        try await database.write(.system) { tx in
            try who.holdCredential(tx)
            guard try SecondFactor.confirm(tx, factor, step: step, recoveryCodes: codes, now: .now) else {
                throw APIError(.conflict, "The second factor has changed meanwhile.")
            }
        }
        return SecondFactor.RecoveryCodes(recoveryCodes: codes)
    }

    package func remove(_ who: Who, _ input: SecondFactor.Removal) async throws -> NoContent {
        let (realm, id) = (who.realm, who.accountID)
        guard try await signIn.isPassword(input.password, of: id, in: realm) else {
            throw APIError(.wrongPassword, param: "password")
        }
        try await database.write(.system) { tx in
            try who.holdCredential(tx)
            guard try SecondFactor.remove(tx, realm: realm, accountID: id) else { throw APIError(.notFound) }
        }
        return NoContent()
    }

    private static var alreadyConfirmed: APIError {
        APIError(.conflict, "A second factor is set up already. Remove it first.")
    }
}

extension SecondFactor {
    package struct Offering: Input, Ruled {
        package let password: String?
        package static var rules: [String: Rule] {
            ["password": .text(1...256, note: "Needed if the sign-in is more than an hour old.")]
        }
    }
    package struct Confirmation: Input, Ruled {
        package let code: String
        package static var rules: [String: Rule] { ["code": .text(6...10, note: "The six digits that are shown now.")] }
    }

    package static var isMissing: APIError { APIError(.notFound, "There is no second factor to remove.") }

    package struct Removal: Input, Ruled {
        package let password: String
        package static var rules: [String: Rule] { ["password": .text(1...256)] }
    }
}
