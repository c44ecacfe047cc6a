"""Strangers: questions that no support portal is asked in earnest, by which every index learns what is not its own.

They are of everyday life and general knowledge. How near the strangers come to an index sets the bar that a query must
pass before anything is called an answer: see `calibration`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.articles.article import Language

GERMAN = """
Wie lange muss ein Hefeteig gehen?
Wer hat die Dampfmaschine erfunden?
Warum verlieren Bäume im Herbst ihre Blätter?
Welche Pilze darf man im September sammeln?
Wie viele Knochen hat ein erwachsener Mensch?
Was hilft gegen Blattläuse an Rosen?
Wann endete der Dreißigjährige Krieg?
Wie stricke ich eine Ferse mit fünf Nadeln?
Darf mein Hund rohe Kartoffeln fressen?
Welcher Fluss fließt durch Prag?
Wie berechnet man den Flächeninhalt eines Trapezes?
Was ist der Unterschied zwischen Dur und Moll?
Wie oft muss ich mein Kind gegen Masern impfen lassen?
Welche Versicherung zahlt bei einem Wasserschaden?
Was schenkt man zur goldenen Hochzeit?
Wie bekomme ich Rotweinflecken aus dem Teppich?
Wer schrieb den Zauberberg?
Wie hoch ist der Kilimandscharo?
Ab wann darf man in Deutschland Mofa fahren?
Wie viel Wasser braucht eine Orchidee?
Was bedeutet das Sprichwort vom Apfel und vom Stamm?
Wie trainiere ich für einen Halbmarathon?
Welche Kündigungsfrist gilt für eine Mietwohnung?
Warum ist der Himmel blau?
Wie lange ist gekochter Reis haltbar?
Wer wurde 1954 Fußballweltmeister?
Welcher Wein passt zu Lachs?
Wie schneidet man einen Apfelbaum?
Was macht man bei einer Zerrung in der Wade?
Wie alt werden Meerschweinchen?
Welche Planeten haben Ringe?
Wie funktioniert ein Dieselmotor?
Wie beantrage ich Elterngeld?
Was ist eine Metapher?
Welche Sehenswürdigkeiten gibt es in Lissabon?
Wie baue ich ein Hochbeet?
Wann ist die beste Reisezeit für Island?
Warum schnurren Katzen?
Was kostet ein Zahnimplantat?
Wie wechselt man die Bremsbeläge am Fahrrad?
Wie setzt sich der Bundesrat zusammen?
Welches Holz eignet sich für eine Terrasse?
Wie lerne ich schneller Vokabeln?
Was tun, wenn das Baby nicht durchschläft?
Wie groß ist der Abstand zwischen Erde und Mond?
Was sind die Zutaten für einen Käsekuchen?
Wer malte das Mädchen mit dem Perlenohrring?
Wie kommt der Zoll auf den Preis meines Pakets?
Welche Farben passen zu einem grünen Sofa?
Wie wird Papier hergestellt?
Wie wird das Wetter am Wochenende?
Erzähl mir einen Witz.
Stell den Wecker auf sieben Uhr.
Wo bekomme ich in der Nähe eine gute Pizza?
Wie ist der Wechselkurs zwischen Euro und Franken?
Wie lange dauert eine Ausbildung zum Tischler?
Kann ich einen Tisch für vier Personen reservieren?
Welcher Bus fährt zum Bahnhof?
Wie viele Kalorien hat eine Banane?
Wann kommt die neue Staffel?
Wie schreibe ich eine Entschuldigung für die Schule?
Was soll ich heute Abend kochen?
Wie hoch sind die Zinsen für einen Baukredit?
Wo finde ich meinen alten Impfpass?
Bis wann muss ich die Steuererklärung abgeben?
Wie lange gilt mein Personalausweis noch?
Wer ist gerade Bürgermeister von Hamburg?
Was spielt heute im Kino?
Wie sage ich auf Spanisch danke?
Welcher Tag ist heute?
Soll ich einen Regenschirm mitnehmen?
Wie weit ist es von Köln nach Berlin?
Wie alt bist du eigentlich?
Was ist der Sinn des Lebens?
Wie viele Urlaubstage stehen mir zu?
"""
ENGLISH = """
How long should bread dough rise?
Who invented the steam engine?
Why do trees lose their leaves in autumn?
Which mushrooms are safe to pick in September?
How many bones does an adult have?
How do I get rid of greenfly on roses?
When did the Hundred Years' War end?
How do I knit the heel of a sock?
Can my dog eat raw potatoes?
Which river runs through Prague?
How do you work out the area of a trapezium?
What is the difference between a major and a minor key?
How often do children need a measles jab?
Which insurance pays for water damage?
What is a good present for a golden wedding?
How do I get red wine out of a carpet?
Who wrote Middlemarch?
How high is Kilimanjaro?
At what age can you ride a moped?
How much water does an orchid need?
Where does the saying about the apple and the tree come from?
How should I train for a half marathon?
How much notice must a tenant give?
Why is the sky blue?
How long does cooked rice keep?
Who won the World Cup in 1966?
Which wine goes with salmon?
How do you prune an apple tree?
What helps with a pulled calf muscle?
How old do guinea pigs get?
Which planets have rings?
How does a diesel engine work?
How do I apply for parental leave?
What is a metaphor?
What is there to see in Lisbon?
How do I build a raised bed?
When is the best time to visit Iceland?
Why do cats purr?
How much does a dental implant cost?
How do I change the brake pads on a bicycle?
How are judges of the Supreme Court appointed?
Which wood is good for decking?
How can I learn vocabulary faster?
What can I do when the baby does not sleep through?
How far is the moon from the earth?
What do I need for a cheesecake?
Who painted the Girl with a Pearl Earring?
How is duty on a parcel worked out?
Which colours go with a green sofa?
How is paper made?
What will the weather be like this weekend?
Tell me a joke.
Wake me up at seven.
Where can I get a good pizza around here?
What is the exchange rate between pounds and francs?
How long is an apprenticeship as a joiner?
Can I book a table for four?
Which bus goes to the station?
How many calories are there in a banana?
When is the next season coming out?
How do I write a sick note for school?
What shall I cook tonight?
What is the interest rate on a mortgage?
Where did I put my old vaccination card?
When is my tax return due?
How long is my passport still valid?
Who is the mayor of London?
What is on at the cinema today?
How do I say thank you in Spanish?
What day is it today?
Do I need an umbrella?
How far is it from Leeds to York?
How old are you anyway?
What is the meaning of life?
How many days of holiday do I get?
"""
STRANGERS: Mapping[Language, tuple[str, ...]] = {
    "de": tuple(GERMAN.strip().splitlines()),
    "en": tuple(ENGLISH.strip().splitlines()),
}
