"""pip install fastapi uvicorn 'PyJWT[crypto]' httpx; uvicorn fastapi_app:app"""

import os
from typing import Annotated

from fastapi import Depends, FastAPI, Request, Response
from mynah_auth import Caller, MynahAuth, Refused

app = FastAPI()
mynah = MynahAuth(os.environ.get("MYNAH_URL", "http://localhost:8000"), os.environ.get("MYNAH_ISSUER"))


@app.exception_handler(Refused)
def refused(request: Request, refusal: Refused):
    return Response(refusal.body, refusal.status, refusal.headers)


def caller(request: Request) -> Caller:
    return mynah.caller(request.headers, scope="read")


@app.get("/orders")
def orders(caller: Annotated[Caller, Depends(caller)]):
    return {"orders_of": caller.user_id or caller.chatbot_id, "role": caller.role}
