
export default liveFigure(LiveView);
