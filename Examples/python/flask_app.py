"""pip install flask 'PyJWT[crypto]' httpx; flask --app flask_app run"""

import os
from functools import wraps

from flask import Flask, Response, g, request
from mynah_auth import MynahAuth, Refused

app = Flask(__name__)
mynah = MynahAuth(os.environ.get("MYNAH_URL", "http://localhost:8000"), os.environ.get("MYNAH_ISSUER"))


@app.errorhandler(Refused)
def refused(refusal):
    return Response(refusal.body, refusal.status, refusal.headers)


def guarded(scope):
    def decorate(view):
        @wraps(view)
        def wrapper(*arguments, **named):
            g.caller = mynah.caller(request.headers, scope=scope)
            return view(*arguments, **named)

        return wrapper

    return decorate


@app.get("/orders")
@guarded("read")
def orders():
    return {"orders_of": g.caller.user_id or g.caller.chatbot_id, "role": g.caller.role}
