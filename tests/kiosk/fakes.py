"""A small hall for the kiosk's tests: a few guides, a conversation that answers from a table, a real desk."""

from __future__ import annotations

import asyncio
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from sanic import HTTPResponse, Request, Sanic
from sqlalchemy import create_engine
from sqlalchemy.orm import sessionmaker

from bot.channels.chat_page import make_chat_page
from bot.channels.limits import TurnLimit
from bot.channels.web import Problem, Trust, make_web, problem_response
from bot.conversation import ChoiceUnknown, Turn
from cases.desk import Desk
from cases.sealing import Sealer
from cases.tables import Base as CaseBase
from kiosk.blueprint import make_kiosk
from kiosk.needs import HallFacts, Needs, Rating, Timeouts
from kiosk.session import KioskSessions
from kiosk.tables import Base as KioskBase
from knowledge.guide import Guide, Theme
from language.reply import Block, BlockKind, Choice, Decision, GuideRef, HandledBy, Item, Reply, text_block
from tests.kiosk.fake_speech import FakeSpeech

NOW = datetime(2026, 11, 21, 1, 41, tzinfo=UTC)
SHANGHAI = ZoneInfo("Asia/Shanghai")
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'&{{7*7}}"

_NAMES = {
    Theme.IDENTITY: ("办居住证（第一次办）", "居住登记", "居住证签注", "新生儿报户口", "身份证补领"),
    Theme.INSURANCE: ("补办医保卡", "异地就医备案", "领养老金", "社保卡挂失"),
    Theme.RELIEF: ("申请低保", "租房补贴", "临时救助"),
    Theme.ELDERLY: ("办敬老卡", "老年优待证", "残疾证"),
    Theme.WORK: ("领失业金", "灵活就业登记"),
    Theme.BIRTH: ("生育登记",),
    Theme.SCHOOL: ("入学登记",),
    Theme.HOUSING: ("申请廉租房",),
}
_ASKED = (
    "居住证怎么办？",
    "医保卡丢了怎么补？",
    "低保怎么申请？",
    "老年优待证在哪办？",
    "租房补贴要什么材料？",
    "新生儿怎么上户口？",
)


def make_guides() -> tuple[Guide, ...]:
    """Return 20 guides in eight themes; the first is the residence permit."""
    guides = []
    for theme, names in _NAMES.items():
        for name in names:
            number = len(guides)
            asked = (_ASKED[number],) if number < len(_ASKED) else (f"{name}怎么办",)
            guides.append(
                Guide(
                    id=f"guide-{number}",
                    title=f"上海市{name}",
                    plain_name=name,
                    department="公安(居住证/人口)" if theme is Theme.IDENTITY else "民政-社会救助",
                    theme=theme,
                    aliases=(name.split("（")[0],),
                    popularity=95 - number,
                    phrasings=asked,
                )
            )
    return tuple(guides)


def answer(question: str = "居住证怎么办", *, verified_on: str | None = None, locale: str = "zh") -> Reply:
    """Return an answer with every kind of block that a guide's answer has."""
    lead = "带上身份证和居住证明，到一楼 3 号窗口办理。材料齐全当场受理，15 个工作日内领证。"
    if locale == "en":
        lead = "Bring your identity card and proof of address to window 3."
    return Reply(
        Decision.ANSWER,
        blocks=(
            text_block(lead),
            Block(
                BlockKind.FACTS,
                title="办事要点",
                items=(
                    Item("一楼 3 号窗口", label="在哪办", note="进门右转 20 米"),
                    Item("15 个工作日", label="多久", note="当场受理"),
                    Item("免费", label="费用", note="补领收工本费"),
                ),
            ),
            Block(
                BlockKind.MATERIALS,
                title="要带的材料",
                items=(
                    Item("居民身份证", badge="原件"),
                    Item("居住证明（租房合同或房产证）", badge="原件和复印件"),
                    Item("近期一寸白底照片", badge="1张", note="不戴帽子"),
                    Item("居住满半年的凭据", tick=False, note="窗口自己调取，不用带"),
                ),
            ),
            Block(
                BlockKind.LIST,
                title="怎么办",
                items=(Item("带齐材料到窗口"), Item("拍照，领回执"), Item("15 个工作日后领证")),
            ),
            Block(BlockKind.NOTICE, text="这份指南还不全，没写到的请先问清楚。"),
            Block(
                BlockKind.SOURCE,
                title="出处",
                text="办事指南第 2.1 版（2022-03-08）",
                url="https://example.org/a",
                date="2022-03-08",
            ),
        ),
        speech=lead,
        choices=(
            Choice("要带什么材料", payload={"intent": "choose", "guide": "guide-0", "aspect": "materials"}),
            Choice(
                "来沪人员居住登记",
                note="只登记住址，不发证",
                payload={"intent": "choose", "guide": "guide-1", "aspect": None},
            ),
        ),
        guide=GuideRef("guide-0", "上海市居住证申领(首次)", 3, "2022-03-08", verified_on),
        aspect="overview",
        confidence=0.93,
        handled_by=HandledBy.FALLBACK,
    )


REPLIES: dict[str, Reply] = {
    "居住证怎么办？": answer(),
    "居住证": Reply(
        Decision.CLARIFY,
        (text_block("您问的是下面哪一件？"),),
        "您问的是下面哪一件？",
        (
            Choice(
                "办居住证（第一次办）",
                note="有效期内第一次领证",
                payload={"intent": "choose", "guide": "guide-0", "aspect": None},
            ),
            Choice(
                "居住证签注",
                note="每年一次",
                payload={"intent": "choose", "guide": "guide-2", "aspect": None},
            ),
            Choice(
                "居住登记",
                note="只登记住址，不发证",
                payload={"intent": "choose", "guide": "guide-1", "aspect": None},
            ),
        ),
    ),
    "今天股票涨吗": Reply(
        Decision.DECLINE,
        (text_block("这个我不知道，不敢乱说。可以打市民热线12345，或者问大厅里的工作人员。"),),
        "这个我不知道。",
        (Choice("找工作人员", payload={"intent": "ask_person"}),),
    ),
    "着火了": Reply(
        Decision.EMERGENCY, (text_block("请马上打 119。先离开房间，不要坐电梯。"),), "请马上打 119。"
    ),
    "说慢点": Reply(
        Decision.SMALLTALK, (text_block("好的，我说慢一点。"),), "好的，我说慢一点。", voice="slower"
    ),
    "大声点": Reply(
        Decision.SMALLTALK, (text_block("好的，我说响一点。"),), "好的，我说响一点。", voice="louder"
    ),
    "坏": Reply(Decision.ANSWER, (text_block(HOSTILE), Block(BlockKind.NOTICE, text=HOSTILE)), HOSTILE),
}


@dataclass
class FakeConversation:
    """Answers from REPLIES, issues choice ids, and can be slow or broken on request."""

    turns: list[Turn] = field(default_factory=list)
    issued: dict[str, str] = field(default_factory=dict)
    rated: list[tuple[str, int]] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    late: list[tuple[int, Reply]] = field(default_factory=list)
    promised: list[Reply] = field(default_factory=list)
    go_on: threading.Event = field(default_factory=threading.Event)
    answer_guide: Callable[[str, str | None, str], Reply] = field(init=False)

    async def say(self, turn: Turn) -> Reply:
        """Answer one turn; 慢 waits for `go_on`, 错 fails, 晚 is promised."""
        self.turns.append(turn)
        if turn.text == "慢":
            await asyncio.to_thread(self.go_on.wait, 30)
        if turn.text == "错":
            raise RuntimeError("the conversation is broken")
        if turn.choice is not None and turn.choice not in self.issued:
            raise ChoiceUnknown("unknown")
        reply = answer() if turn.choice else REPLIES.get(turn.text or "", answer())
        choices = tuple(replace(choice, id=secrets.token_hex(8)) for choice in reply.choices)
        self.issued.update({choice.id: choice.label for choice in choices})
        reply = replace(reply, choices=choices, turn=secrets.token_hex(16))
        if turn.text == "晚":
            self.promised.append(reply)
            return replace(reply, blocks=(text_block("还在办。"),), speech="", choices=(), late=True)
        return reply

    def keep_promises(self) -> None:
        """Have what was promised come late."""
        while self.promised:
            self.late.append((len(self.late) + 1, self.promised.pop(0)))

    async def open_guide(self, turn: Turn, guide_id: str, aspect: str | None) -> Reply:
        """Answer a touched guide as `answer_guide` does, as a turn of its own."""
        return replace(self.answer_guide(guide_id, aspect, turn.locale), turn=secrets.token_hex(16))

    async def forget(self, turn: Turn) -> None:
        """Keep in mind which talk ended."""
        self.ended.append(turn.conversation)

    async def rate(self, turn: Turn, turn_id: str, stars: int, reason: str = "") -> None:
        """Keep a rating."""
        self.rated.append((turn_id, stars))

    async def late_replies(self, turn: Turn, after: int) -> list[tuple[int, Reply]]:
        """Return what came late."""
        return [(number, reply) for number, reply in self.late if number > after]


@dataclass
class FakeHall:
    """The kiosk's needs, and what happened to them."""

    needs: Needs
    conversation: FakeConversation
    speech: FakeSpeech
    ratings: list[Rating]
    called: list[str]
    moment: list[datetime]

    def pass_time(self, gone: timedelta) -> None:
        """Let the hall's clock go on."""
        self.moment[0] += gone

    def app(self, name: str) -> Sanic:
        """Return a Sanic app with the kiosk, the chat page and /api/chat."""
        app = Sanic(name, configure_logging=False)
        app.config.ACCESS_LOG = False
        app.config.TOUCHUP = False  # it rewrites code of Sanic itself, which works for one app a process
        app.blueprint(make_web(self.conversation, Trust(""), TurnLimit(6000)))  # type: ignore[arg-type]
        app.blueprint(make_chat_page("幸福里社区事务受理中心"))
        app.blueprint(make_kiosk(self.needs))
        app.error_handler.add(Problem, _problem)
        return app


async def _problem(request: Request, problem: Problem) -> HTTPResponse:
    return problem_response(problem.status, problem.name, problem.detail)


def make_hall(folder: Path, timeouts: Timeouts | None = None) -> FakeHall:
    """Return a hall whose database is a file in `folder`."""
    engine = create_engine(f"sqlite:///{folder / 'hall.db'}")
    CaseBase.metadata.create_all(engine)
    KioskBase.metadata.create_all(engine)
    sessions = sessionmaker(engine)
    moment = [NOW]
    guides = make_guides()
    conversation, speech = FakeConversation(), FakeSpeech(folder)
    ratings: list[Rating] = []
    called: list[str] = []

    def answer_guide(guide_id: str, aspect: str | None, locale: str) -> Reply:
        guide = next((guide for guide in guides if guide.id == guide_id), None)
        if guide is None:
            raise KeyError(guide_id)
        verified = date(2026, 11, 18).isoformat() if guide_id == "guide-1" else None
        whole = answer(verified_on=verified, locale=locale)
        return replace(
            whole,
            guide=GuideRef(guide.id, guide.title, 3, "2022-03-08", verified),
            aspect=aspect or "overview",
        )

    conversation.answer_guide = answer_guide
    needs = Needs(
        conversation=conversation,
        guides=lambda: guides,
        answer_guide=answer_guide,
        desk=Desk(sessions, Sealer([bytes(32)]), lambda: moment[0]),
        sessions=KioskSessions(sessions, lambda: moment[0], timedelta(minutes=10)),
        rate=ratings.append,
        call_staff=lambda conversation: called.append(conversation) is None,
        hall=lambda locale: HallFacts(
            name="幸福里社区事务受理中心",
            help_window="总服务台",
            hours="08:30-16:30",
            phones=("021-00000000",),
        ),
        clock=lambda: moment[0],
        zone=SHANGHAI,
        speech=speech,
        timeouts=timeouts or Timeouts(),
        public_url="https://hall.example",
    )
    return FakeHall(needs, conversation, speech, ratings, called, moment)
