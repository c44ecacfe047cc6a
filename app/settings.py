"""Settings: everything an operator may set, read once from the environment, then frozen."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Each field is an environment variable of the same name in capitals."""

    model_config = SettingsConfigDict(frozen=True, env_ignore_empty=True)

    articles: Path = Field(Path("articles"), description="Folder of the articles.")
    articles_remote: str = Field("", description="Git repository of the articles, address or path; ARTICLES is then "
                                 "the folder in it; empty: ARTICLES as it lies here.")  # fmt: skip
    articles_branch: str = Field("main", description="Branch that is published.")
    articles_poll_seconds: int = Field(30, ge=0, le=86_400, description="Seconds between two looks for new articles, "
                                       "at most 2 where they lie here; 0: only when called.")  # fmt: skip
    articles_webhook_secret: SecretStr = Field(SecretStr(""), description="Secret of the webhook that git servers "
                                               "call at /hooks/articles; empty: there is none.")  # fmt: skip
    index: Path = Field(Path("index"), description="Folder of the model and the index versions.")
    data: Path = Field(Path("var"), description="Folder of the database, the attachments and the secret.")
    database_url: str = Field("", description="PostgreSQL address, e.g. postgresql://user:password@host/db; empty: "
                              "SQLite in DATA.")  # fmt: skip
    embedding_model: str = Field("", description="sentence-transformers model or folder; empty: the one unpacked into "
                                 "INDEX/model; none: search by words only.")  # fmt: skip
    default_language: Literal["de", "en"] = Field("de", description="Language of article files without a language in "
                                                  "their name.")  # fmt: skip

    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8000, ge=0, le=65535, description="Port to listen on; 0 takes a free one.")
    base_url: str = Field("", description="Address under which readers reach the portal, e.g. https://hilfe.example; "
                          "empty: the listening address.")  # fmt: skip
    allowed_hosts: str = Field("", description="Host names the portal answers to, separated by commas; empty: that of "
                               "BASE_URL, localhost and 127.0.0.1.")  # fmt: skip
    trusted_proxies: str = Field("", description="Addresses of proxies whose X-Forwarded-For is believed, separated by "
                                 "commas.")  # fmt: skip
    secret_key: SecretStr = Field(SecretStr(""), description="Signs forms; empty: made once and kept in DATA/secret. "
                                  "Set the same on every machine.")  # fmt: skip

    site_name: str = Field("Birkennetz", description="Name of the provider, shown on every page.")
    site_phone: str = Field("0221 4710 100", description="Telephone number for help, shown on every page.")
    site_hours_de: str = Field("Mo–Fr 8–20 Uhr, Sa 9–16 Uhr", description="Hours of the telephone, in German.")
    site_hours_en: str = Field("Mon–Fri 8am–8pm, Sat 9am–4pm", description="Hours of the telephone, in English.")
    site_mail: str = Field("hilfe@birkennetz.example", description="Address of the provider for mail.")

    helpdesk: Literal["console", "smtp"] = Field("console", description="Where tickets are delivered: printed, or "
                                                 "sent by mail.")  # fmt: skip
    helpdesk_address: str = Field("", description="Mail address that receives the tickets; needed for smtp.")
    mail_from: str = Field("", description="Sender of the mails; empty: SITE_MAIL.")
    smtp_host: str = Field("127.0.0.1", description="Mail server.")
    smtp_port: int = Field(587, ge=1, le=65535, description="Port of the mail server.")
    smtp_security: Literal["none", "starttls", "tls"] = Field("starttls", description="How the connection to the mail "
                                                              "server is protected.")  # fmt: skip
    smtp_user: str = Field("", description="User name at the mail server; empty: no sign-in.")
    smtp_password: SecretStr = Field(SecretStr(""), description="Password at the mail server.")

    mail_inbox_address: str = Field("", description="Address at which answers by mail come in, without a +; the server "
                                    "must deliver ADDRESS+anything to it too; empty: none do.")  # fmt: skip
    imap_host: str = Field("", description="Mail server that keeps the mailbox of MAIL_INBOX_ADDRESS.")
    imap_port: int = Field(993, ge=1, le=65535, description="Port of IMAP.")
    imap_security: Literal["none", "starttls", "tls"] = Field("tls", description="How the connection to the mailbox is "
                                                              "protected.")  # fmt: skip
    imap_user: str = Field("", description="User name at the mailbox; empty: MAIL_INBOX_ADDRESS.")
    imap_password: SecretStr = Field(SecretStr(""), description="Password at the mailbox.")
    imap_folder: str = Field("INBOX", description="Folder that is read; Wegweiser/erledigt and Wegweiser/unklar are "
                             "made beside it.")  # fmt: skip

    time_zone: str = Field("Europe/Berlin", description="Time zone of the office hours, and of all times on the pages.")
    office_hours: str = Field("Mo-Fr 08:00-20:00, Sa 09:00-16:00", description="When tickets are worked on; around the "
                              "clock: Mo-So 00:00-24:00.")  # fmt: skip
    holidays: str = Field("", description="Where public holidays are kept, by ISO code, e.g. DE-NW or AT; empty: none.")
    response_targets: str = Field("high 2 h, normal 8 h, low 16 h", description="Working time until a customer is "
                                  "answered, by urgency; forms and pages promise it.")  # fmt: skip
    solution_targets: str = Field("high 8 h, normal 24 h, low 40 h", description="Working time until a ticket is "
                                  "solved, by urgency, without waiting for the customer.")  # fmt: skip
    warn_agents_minutes: int = Field(0, ge=0, le=10_000, description="Minutes of working time before a target passes "
                                     "at which who has the ticket, or else its level, is told by mail; "
                                     "0: never.")  # fmt: skip
    desk_rules: str = Field("", description="YAML file with rules for categories: own targets, and who gets a ticket "
                            "that is not answered; empty: none.")  # fmt: skip
    oidc_issuer: str = Field("", description="OpenID Connect provider at which staff can sign in, e.g. "
                             "https://login.example/realms/firma, just as it calls itself; empty: by password "
                             "only.")  # fmt: skip
    oidc_client_id: str = Field("", description="What the provider calls the portal; needed with OIDC_ISSUER.")
    oidc_client_secret: SecretStr = Field(SecretStr(""), description="Secret of the portal at the provider; empty: a "
                                          "public client.")  # fmt: skip
    oidc_button: str = Field("Mit Firmenkonto anmelden", description="What stands on the button that leads to the "
                             "provider.")  # fmt: skip

    tickets_per_sender: int = Field(5, ge=1, description="Tickets an hour from one neighbourhood of the network.")
    tickets_per_hour: int = Field(200, ge=1, description="Tickets an hour from all senders together.")
    keep_wishes_days: int = Field(180, ge=0, le=36500, description="Days for which customers can wait to hear of an "
                                  "article; then their wish is forgotten; 0: nobody is asked.")  # fmt: skip
    review_reminders: str = Field("", description="Who is told by mail, once a week, which articles are overdue for "
                                  "review, e.g. netz=netz@firma.example, *=redaktion@firma.example; empty, or "
                                  "without HELPDESK=smtp: nobody.")  # fmt: skip
    keep_tickets_days: int = Field(365, ge=1, le=36500, description="Days after which a solved or closed ticket is "
                                   "deleted, and what readers wrote about articles; the form says so.")  # fmt: skip
