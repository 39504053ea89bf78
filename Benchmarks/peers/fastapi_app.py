"""A chatbot back end as commonly written in Python: FastAPI, Pydantic, SQLAlchemy's asyncio ORM, bcrypt, PyJWT
and httpx. It does only the work of the benchmark, with the settings that its libraries' guides advise."""

import asyncio
import os
import uuid
from contextlib import asynccontextmanager
from datetime import datetime, timedelta, timezone
from typing import Annotated

import bcrypt
import httpx
import jwt
from fastapi import Depends, FastAPI, HTTPException, Query
from fastapi.security import OAuth2PasswordBearer, OAuth2PasswordRequestForm
from pydantic import BaseModel, ConfigDict, EmailStr, Field
from sqlalchemy import ForeignKey, Index, String, Text, event, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE = os.environ["DATABASE_URL"]
MODEL = os.environ["OPENAI_BASE_URL"]
SECRET = os.environ["SECRET_KEY"]
HISTORY = 20

engine = create_async_engine(DATABASE, pool_size=20)
sessions = async_sessionmaker(engine, expire_on_commit=False)

if DATABASE.startswith("sqlite"):

    @event.listens_for(engine.sync_engine, "connect")
    def tune(connection, _):
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=30000", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")


def fresh_id():
    return uuid.uuid4().hex


def utc_now():
    return datetime.now(timezone.utc).replace(tzinfo=None)


class Table(DeclarativeBase):
    pass


class User(Table):
    __tablename__ = "users"
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=fresh_id)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    password_hash: Mapped[str] = mapped_column(String(72))
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class Chatbot(Table):
    __tablename__ = "chatbots"
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=fresh_id)
    owner_id: Mapped[str] = mapped_column(ForeignKey("users.id"), index=True)
    name: Mapped[str] = mapped_column(String(100))
    prompt: Mapped[str | None] = mapped_column(Text)


class Conversation(Table):
    __tablename__ = "conversations"
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=fresh_id)
    chatbot_id: Mapped[str] = mapped_column(ForeignKey("chatbots.id"), index=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class Message(Table):
    __tablename__ = "messages"
    __table_args__ = (Index("messages_by_conversation", "conversation_id", "created_at"),)
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=fresh_id)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"))
    role: Mapped[str] = mapped_column(String(10))
    content: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class Credentials(BaseModel):
    email: EmailStr
    password: str = Field(min_length=8, max_length=72)


class UserOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    id: str
    email: str
    created_at: datetime


class ChatbotIn(BaseModel):
    name: str = Field(min_length=1, max_length=100)
    prompt: str | None = None


class MessageOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    id: str
    role: str
    content: str
    created_at: datetime


class ChatIn(BaseModel):
    conversation_id: str
    message: str = Field(min_length=1, max_length=32_000)


class ChatOut(BaseModel):
    conversation_id: str
    message: MessageOut


@asynccontextmanager
async def lifespan(app: FastAPI):
    async with engine.begin() as connection:
        await connection.run_sync(Table.metadata.create_all)
    async with httpx.AsyncClient(timeout=60, limits=httpx.Limits(max_connections=256)) as client:
        app.state.model = client
        yield
    await engine.dispose()


app = FastAPI(lifespan=lifespan)
bearer = OAuth2PasswordBearer(tokenUrl="/auth/login")


async def database():
    async with sessions() as session:
        yield session


Database = Annotated[AsyncSession, Depends(database)]


async def signed_in(token: Annotated[str, Depends(bearer)], db: Database) -> User:
    try:
        user_id = jwt.decode(token, SECRET, algorithms=["HS256"])["sub"]
    except jwt.InvalidTokenError as error:
        raise HTTPException(401, "The token is not valid.") from error
    if (user := await db.get(User, user_id)) is None:
        raise HTTPException(401, "The token is not valid.")
    return user


Caller = Annotated[User, Depends(signed_in)]


async def own(db: AsyncSession, user: User, conversation_id: str) -> Conversation:
    conversation = await db.get(Conversation, conversation_id)
    if conversation is None or conversation.user_id != user.id:
        raise HTTPException(404, "There is no such conversation.")
    return conversation


@app.get("/health")
async def health():
    return {"status": "ok"}


@app.post("/auth/register", status_code=201, response_model=UserOut)
async def register(credentials: Credentials, db: Database):
    digest = await asyncio.to_thread(bcrypt.hashpw, credentials.password.encode(), bcrypt.gensalt())
    user = User(email=credentials.email, password_hash=digest.decode())
    db.add(user)
    await db.commit()
    return user


@app.post("/auth/login")
async def login(form: Annotated[OAuth2PasswordRequestForm, Depends()], db: Database):
    user = await db.scalar(select(User).where(User.email == form.username))
    if not user or not await asyncio.to_thread(bcrypt.checkpw, form.password.encode(), user.password_hash.encode()):
        raise HTTPException(401, "E-mail or password is wrong.")
    expiry = datetime.now(timezone.utc) + timedelta(days=1)
    token = jwt.encode({"sub": user.id, "exp": expiry}, SECRET, algorithm="HS256")
    return {"access_token": token, "token_type": "bearer"}


@app.get("/users/me", response_model=UserOut)
async def me(user: Caller):
    return user


@app.post("/chatbots", status_code=201)
async def create_chatbot(chatbot: ChatbotIn, user: Caller, db: Database):
    row = Chatbot(owner_id=user.id, **chatbot.model_dump())
    db.add(row)
    await db.commit()
    return {"id": row.id}


@app.get("/conversations/{conversation_id}/messages", response_model=list[MessageOut])
async def messages(
    conversation_id: str, user: Caller, db: Database, limit: Annotated[int, Query(ge=1, le=200)] = 50
):
    await own(db, user, conversation_id)
    query = select(Message).where(Message.conversation_id == conversation_id).order_by(Message.created_at)
    return (await db.scalars(query.limit(limit))).all()


@app.post("/chat", response_model=ChatOut)
async def chat(body: ChatIn, user: Caller, db: Database):
    conversation = await own(db, user, body.conversation_id)
    chatbot = await db.get(Chatbot, conversation.chatbot_id)
    query = select(Message).where(Message.conversation_id == conversation.id).order_by(Message.created_at.desc())
    history = (await db.scalars(query.limit(HISTORY))).all()
    db.add(Message(conversation_id=conversation.id, role="user", content=body.message))
    # The message is durable before the model is called, and no connection is held meanwhile.
    await db.commit()
    turns = [{"role": message.role, "content": message.content} for message in reversed(history)]
    system = [{"role": "system", "content": chatbot.prompt}] if chatbot.prompt else []
    answer = await app.state.model.post(
        f"{MODEL}/chat/completions",
        json={"model": "bench", "messages": [*system, *turns, {"role": "user", "content": body.message}]},
    )
    answer.raise_for_status()
    text = answer.json()["choices"][0]["message"]["content"]
    reply = Message(conversation_id=conversation.id, role="assistant", content=text)
    db.add(reply)
    await db.commit()
    return {"conversation_id": conversation.id, "message": reply}
