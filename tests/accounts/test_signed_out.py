"""A form sent by somebody whose sign-in has ended: nothing typed is lost, and nothing secret is shown."""

from app.accounts.devices import device_label
from app.identity import new_uid
from tests.support.cast import Member


def test_a_native_form_is_kept_and_can_be_sent_again(ada: Member, stranger: Member) -> None:
    fields = {"uid": new_uid(), "exact": "Ali Khamenei", "note": "Line one.\r\n<b>two</b>", "tags": ["actor"]}
    answer = stranger.post(f"{ada.reading}/annotations", fields)

    assert answer.status_code == 401
    assert f'action="{ada.reading}/annotations"' in answer.text
    assert "Line one.\r\n&lt;b&gt;two&lt;/b&gt;" in answer.text or "Line one.\n&lt;b&gt;two" in answer.text
    assert f'value="{fields["uid"]}"' in answer.text and 'name="tags" value="actor"' in answer.text
    assert ada.annotations() == []
    assert ada.post(f"{ada.reading}/annotations", fields).status_code == 303
    assert ada.annotations()[0].note == "Line one.\n<b>two</b>"


def test_passwords_are_not_shown_again(stranger: Member) -> None:
    answer = stranger.post("/account/password", {"current": "old secret", "password": "new secret"})

    assert answer.status_code == 401
    assert "secret" not in answer.text


def test_a_fragment_gets_a_message(ada: Member, stranger: Member) -> None:
    answer = stranger.fragment(f"{ada.reading}/annotations", {"note": "Mine."})

    assert answer.status_code == 401
    assert 'hx-target="#toasts"' in answer.text and "<html" not in answer.text


def test_devices_are_called_by_browser_and_system() -> None:
    firefox = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
    safari = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Safari/604.1"

    assert device_label(firefox) == "Firefox on Windows"
    assert device_label(safari) == "Safari on iPhone"
    assert device_label("curl/8") == "curl/8"
