"""Coach: a real-time treadmill running coach for a laptop and a webcam.

The loop is the architecture:

    for frame in source.frames():                     # camera, video, stream or demo; stamped when grabbed
        pose = estimator.estimate(frame)              # 2D keypoints in pixels, or None
        belt = speed.current(frame.t_s)               # belt speed with its source, age and uncertainty
        update = coach.step(frame.t_s, pose, belt)    # pure: kinematics → gait cycle → strides → target → cues
        screen.show(frame, update, status)
        for cue in update.cues:
            speaker.say(cue, frame.t_s)
        recorder.append(frame.t_s, pose, belt)
"""

__version__ = "0.1.0"
