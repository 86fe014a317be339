// Starts the parts of the kiosk's page. The state is the server's; these parts only serve the screen that is shown.
import { startClock } from "./clock.js";
import { startFurther } from "./further.js";
import { startIdleTimer } from "./idle.js";
import { startKeyboard } from "./keyboard.js";
import { startReading } from "./reading.js";
import { startScreens } from "./screens.js";

startScreens();
startClock();
startKeyboard();
startReading();
startFurther();
startIdleTimer();
