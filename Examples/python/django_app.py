"""pip install django 'PyJWT[crypto]' httpx; python django_app.py runserver"""

import os
import sys

from django.conf import settings
from django.core.management import execute_from_command_line
from django.http import HttpResponse, JsonResponse
from django.urls import path
from mynah_auth import MynahAuth, Refused

mynah = MynahAuth(os.environ.get("MYNAH_URL", "http://localhost:8000"), os.environ.get("MYNAH_ISSUER"))


class MynahMiddleware:
    """Guards every view; `request.caller` says who is calling."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        try:
            request.caller = mynah.caller(request.headers, scope="read")
        except Refused as refusal:
            return HttpResponse(refusal.body, status=refusal.status, headers=refusal.headers)
        return self.get_response(request)


def orders(request):
    return JsonResponse({"orders_of": request.caller.user_id or request.caller.chatbot_id, "role": request.caller.role})


urlpatterns = [path("orders", orders)]

if __name__ == "__main__":
    settings.configure(
        ROOT_URLCONF="__main__", MIDDLEWARE=["__main__.MynahMiddleware"], ALLOWED_HOSTS=["localhost", "127.0.0.1"],
        SECRET_KEY=os.urandom(32).hex(),
    )
    execute_from_command_line(sys.argv)
